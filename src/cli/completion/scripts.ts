export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** They ask `berth __complete` for a line a candidate, `word<tab>meaning`; the line `:files` has the shell add names of files. */
export const SCRIPTS: { readonly [S in Shell]: string } = {
  // For bash from 3.2 on, which some systems still have. It splits words at colons, where our ids have one.
  bash: `_berth() {
  local line=\${COMP_LINE:0:COMP_POINT} item current
  local -a words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=\${words[\${#words[@]}-1]}
  COMPREPLY=()
  while IFS= read -r item; do
    if [[ $item == ":files" ]]; then
      while IFS= read -r item; do COMPREPLY+=("$item"); done < <(compgen -f -- "$current")
      compopt -o filenames 2>/dev/null
    else
      COMPREPLY+=("\${item%%$'\\t'*}")
    fi
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    local before=\${current%"\${current##*:}"}
    COMPREPLY=("\${COMPREPLY[@]#"$before"}")
  fi
}
complete -F _berth berth
`,
  zsh: `#compdef berth
_berth() {
  local -a described
  local line
  for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ":files" ]]; then
      _files
    elif [[ -n $line ]]; then
      described+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${(M)line%$'\\t'*}:+:\${line#*$'\\t'}}")
    fi
  done
  (( \${#described} )) && _describe -t words 'berth' described
}
if [[ $funcstack[1] == _berth ]]; then
  _berth "$@"
else
  compdef _berth berth
fi
`,
  fish: `function __berth_complete
    set -l words (commandline -opc)
    for line in (command $words[1] __complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c berth -f -a '(__berth_complete)'
`,
};
