import { abortError, createError, toError } from "./create-error.js";

/** For how many milliseconds a caller must work on a page until a failure of the next one is no longer current. */
const LONG_WORK = 1_000;

/**
 * A list that comes in pages. It requests nothing before it is iterated, and each iteration begins with the first page.
 *
 * @param request requests the page of the last cursor in the array, or the first page if it is empty. It returns the call, its signal and
 * the promise.
 */
export function createPages(request) {
  // The next page is requested when a page is handed out, unless there are `limit` rows already.
  async function* read(limit, ofRows, state) {
    const cursors = [];
    let count = 0;
    let worked = 0;
    state.page = request(cursors);
    try {
      while (state.page) {
        const { next, error, ...response } = await state.page.promise.catch((failure) => {
          // While the caller worked, the deadline of this page may have passed, or the time to wait after a 429.
          if (state.left || worked < LONG_WORK || !failure.retryable) throw failure;
          state.page = request(cursors);
          return state.page.promise;
        });
        // The page may have arrived before the signal aborted.
        if (state.page.signal?.aborted) throw abortError(state.page.signal.reason, response.attempts);
        state.page = undefined;
        count += response.data.length;
        if (next !== undefined && count < limit && !state.left) {
          cursors.push(next);
          state.page = request(cursors);
          // It may fail while the caller works on this page.
          state.page.promise.catch(() => {});
        }
        const began = Date.now();
        if (ofRows) yield* response.data;
        else yield response;
        worked = Date.now() - began;
        if (error && count < limit) throw toError(error);
      }
    } catch (failure) {
      if (!state.left) throw failure;
    } finally {
      state.page?.call?.abort();
    }
  }

  // A generator returns only after what it awaits. So leaving it aborts the page that is under way.
  function iterate(limit, ofRows) {
    const state = {};
    const iterator = read(limit, ofRows, state);
    const leave = iterator.return;
    iterator.return = (value) => {
      state.left = true;
      state.page?.call?.abort();
      return leave.call(iterator, value);
    };
    return iterator;
  }

  return {
    pages: () => iterate(Infinity, false),
    [Symbol.asyncIterator]: () => iterate(Infinity, true),
    async toArray(options) {
      let { limit, ...others } = options ?? {};
      const isLimit = limit == null || (Number.isInteger(limit) && limit >= 0);
      if (typeof (options ?? {}) !== "object" || Object.keys(others).length > 0 || !isLimit) {
        throw createError("argument", "`toArray` takes an object with only `limit`, a whole number, 0 or more, such as { limit: 100 }");
      }
      if (limit === 0) return [];
      limit ??= Infinity;
      let rows;
      for await (const { data } of iterate(limit, false)) {
        // The rows of the first page are not copied, which saves a tenth of the time of a long page.
        if (rows) for (const row of data) rows.push(row);
        else rows = data;
      }
      if (rows.length > limit) rows.length = limit;
      return rows;
    },
  };
}
