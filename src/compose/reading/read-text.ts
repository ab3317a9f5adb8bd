/** The text of a file; undefined when there is none. Throws when it cannot be read. */
export type ReadText = (path: string) => Promise<string | undefined>;
