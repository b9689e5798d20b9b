/** Text as an SQL literal, for the places where a statement takes no parameter (`COPY … TO`, options). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Parquet files, named one by one, for a `FROM` clause of the embedded engine; folders by year add no column. */
export function parquetSql(files: readonly string[]): string {
  return `read_parquet([${files.map(literal).join(", ")}], hive_partitioning = false)`;
}
