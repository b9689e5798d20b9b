/**
 * One arena for all of the engine's threads (jemalloc, on Linux). Each keeps a while what was freed in it, and a
 * statement runs on whichever thread is free: with several arenas memory grows with the number of statements, so with
 * the years of a history. The library reads this once, when it is loaded.
 */
process.env.DUCKDB_JE_MALLOC_CONF ??= "narenas:1";
