const ESCAPE = '\u001b[';

/**
 * What a terminal that is high enough showed of such output, one after the other: a picture is whole when the cursor goes up for the next,
 * and at the end. Throws for what it does not know, so that nothing is left out unseen.
 */
export function screensOf(output: string): readonly string[] {
  const lines: string[][] = [[]];
  const screens: string[] = [];
  let row = 0;
  let column = 0;
  const line = (): string[] => {
    while (lines.length <= row) lines.push([]);
    return lines[row] ?? [];
  };
  const picture = (): void => {
    const text = lines.map((one) =>
      Array.from(one, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
    const whole = text.join('\n').trimEnd();
    if (whole !== screens.at(-1)) screens.push(whole);
  };
  const obey = (command: string, given: string): void => {
    const times = Number(given || 1);
    if (command === 'A') {
      picture();
      row = Math.max(0, row - times);
    } else if (command === 'B') row += times;
    else if (command === 'G') column = times - 1;
    else if (command === 'K') {
      if (given === '2') line().length = 0;
      else line().length = Math.min(line().length, column);
    } else if (command === 'J') {
      line().length = Math.min(line().length, column);
      lines.length = row + 1;
    } else if (command !== 'm' && command !== 'h' && command !== 'l')
      throw new Error(`the terminal was told ${JSON.stringify(`${given}${command}`)}`);
  };
  for (let at = 0; at < output.length; ) {
    if (output.startsWith(ESCAPE, at)) {
      const [whole = '', given = '', command = ''] =
        /^\??([\d;]*)([A-Za-z])/.exec(output.slice(at + ESCAPE.length)) ?? [];
      obey(command, given);
      at += ESCAPE.length + whole.length;
      continue;
    }
    const letter = String.fromCodePoint(output.codePointAt(at) ?? 0);
    at += letter.length;
    if (letter === '\r') column = 0;
    else if (letter === '\n') {
      row += 1;
      line();
    } else {
      line()[column] = letter;
      column += 1;
    }
  }
  picture();
  return screens;
}
