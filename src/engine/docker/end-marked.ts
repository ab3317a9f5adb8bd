/**
 * For `sh -c`, with a mark as its argument: kills every process whose environment has the mark, what those began, and what is in a
 * session that one of them leads, also where the environment was wiped; again until nothing new has come up meanwhile. It
 * uses nothing but the shell itself and /proc, since a container may have nothing else. Exit code: 0 when nothing is left.
 */
export const END_MARKED = `
mark=$1; ever=' '; round=0
while [ $round -lt 25 ]; do
  round=$((round + 1)); found=' '
  for dir in /proc/[0-9]*; do
    pid=\${dir#/proc/}
    case $pid in 1|$$) continue;; esac
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in *"$mark"*) found="$found$pid "; ever="$ever$pid "; break;; esac
    done 2>/dev/null <"$dir/environ"
  done
  more=1
  while [ $more = 1 ]; do
    more=0
    for dir in /proc/[0-9]*; do
      pid=\${dir#/proc/}
      case $pid in 1|$$) continue;; esac
      case $found in *" $pid "*) continue;; esac
      stat=
      { read -r stat; } 2>/dev/null <"$dir/stat"
      set -- \${stat##*) }
      case \${1:-Z} in Z|X) continue;; esac
      case $ever in *" $2 "*|*" $4 "*) found="$found$pid "; ever="$ever$pid "; more=1;; esac
    done
  done
  [ "$found" = ' ' ] && exit 0
  kill -9 $found 2>/dev/null
done
exit 3
`;
