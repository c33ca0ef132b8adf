/**
 * A date-time with a zone, and its day. The package sends 2026-10-01T00:00:00Z, the official SDK
 * 2026-10-01T00:00:00.000000+0000.
 */
export const DATE_TIME = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;
