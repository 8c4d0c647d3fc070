/**
 * How much of anything an archive may claim. Far above what real dumps hold, low enough that a hostile file can
 * neither take all memory nor keep us busy. Above them: archive.limitExceeded.
 */

/** Entries of a table of contents. A database of a million tables has about four million. */
export const MAX_TOC_ENTRIES = 10_000_000;
/** Bytes of header and table of contents; a JavaScript string can hold no more than about 536 million characters. */
export const MAX_TOC_BYTES = 480 * 1024 * 1024;
/** Bytes of one string of the table of contents. */
export const MAX_TOC_STRING_BYTES = 256 * 1024 * 1024;
/** Bytes of one chunk of a data block. Row-sized chunks of uncompressed dumps can reach PostgreSQL's 1 GB. */
export const MAX_CHUNK_BYTES = 0x7fffffff;
/** Bytes of one line of COPY text, kept whole in memory to be shown. */
export const MAX_ROW_BYTES = 256 * 1024 * 1024;
/**
 * What one compressed stream may unpack to, in bytes and for each of its own bytes; beyond both it is a bomb. Text compresses
 * to a hundredth; gzip's best, for what is all alike, is a thousandth.
 */
export const MAX_UNPACKED_BYTES = 10 * 1024 ** 3;
export const MAX_UNPACKED_RATIO = 500;
