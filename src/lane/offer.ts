/** Under which key of `workerData` a dedicated thread finds the lane that is for it. @module */

export const dedicatedKey = 'offloop:lane';
