/** Text as an SQL literal, for the places where a statement takes no parameter (`COPY … TO`, options). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
