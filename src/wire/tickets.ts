/**
 * Tickets of calls that several threads of a pool are offered: the memory in which exactly one of them takes each. @module
 */

/** The cells of a pool's tickets, and the number of one thread's place, from 0: what the thread takes calls as. */
export interface TicketBoard {
  readonly cells: Int32Array;
  readonly row: number;
}

/** How many tickets may be out at once. A power of two. */
export const mostTickets = 16;

/** How many places there may be. */
export const mostRows = 14;

/** The lowest bits of a cell say what has become of its ticket: nothing yet, withdrawn, or who has taken it. */
const stateBits = 4;
const stateMask = (1 << stateBits) - 1;

/** The ticket number `n`, from 0: never zero, and different from those before it for long. */
export function ticketOf(n: number): number {
  // A multiple of the number of cells, so that consecutive tickets have different ones.
  return ((n % 0x7_ff_ff_f0) + 1) << stateBits;
}

function cellOf(ticket: number): number {
  return (ticket >>> stateBits) & (mostTickets - 1);
}

/** Lets the ticket be taken; the one that had its cell before must not be out any more. */
export function openTicket(cells: Int32Array, ticket: number): void {
  Atomics.store(cells, cellOf(ticket), ticket);
}

/** Takes the ticket for the thread of `row`; gives `false` if another thread has it, or if it was withdrawn. */
export function takeTicket({ cells, row }: TicketBoard, ticket: number): boolean {
  return Atomics.compareExchange(cells, cellOf(ticket), ticket, ticket | (row + 1)) === ticket;
}

/** Withdraws the ticket; gives `false` if a thread has taken it. */
export function withdrawTicket(cells: Int32Array, ticket: number): boolean {
  return Atomics.compareExchange(cells, cellOf(ticket), ticket, ticket | stateMask) === ticket;
}

/** The row of the thread that has taken the ticket, which is out; `-1` if none has. */
export function takerOf(cells: Int32Array, ticket: number): number {
  return (Atomics.load(cells, cellOf(ticket)) & stateMask) - 1;
}
