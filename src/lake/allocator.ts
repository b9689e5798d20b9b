/**
 * One arena for all of the engine's threads (jemalloc, on Linux). An arena retains freed memory for a while, and a
 * statement runs on any free thread: with several arenas memory grows with the number of statements, so with the
 * years of a history. The library reads this once, when it is loaded.
 */
process.env.DUCKDB_JE_MALLOC_CONF ??= "narenas:1";
