/** How long the server is waited for. @module */

/** How long the server may take to answer anything else before it is asked again, in milliseconds. */
export const askTime = 1000;

/** How long a consumer that is closed waits for the server to confirm what was acknowledged, in milliseconds. */
export const closeTime = 2000;
