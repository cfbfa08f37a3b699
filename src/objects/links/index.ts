/** Links: two sides that use each other's objects, over ports, WebSockets, sockets and channels between processes. @module */

export { link, linkPair } from './link.ts';
export type { Link } from './link.ts';
export type { LinkStatus } from './link-end.ts';
export type { LinkOptions, Reconnecting } from './link-options.ts';
export type { LinkEndpoint } from './endpoint.ts';
export type { LinkCallOptions } from './live/remote.ts';
export type { Linked, LinkedFunction, Peer, PeerControls } from './peer-types.ts';
