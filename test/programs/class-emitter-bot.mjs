import { EventEmitter } from 'node:events';
import { threaded } from 'offloop';

//#region jobs
const answers = new Map([
  ['ping', () => 'pong'],
  ['sum', (...numbers) => numbers.reduce((a, b) => a + Number(b), 0)],
]);
answers.set('echo', (...words) => words.join(' '));

const answer = threaded(function answer(text) {
  const [name, ...words] = text.slice(1).split(' ');
  return String(answers.get(name)?.(...words) ?? `unknown command ${name}`);
});
//#endregion

class Bot extends EventEmitter {
  constructor() {
    super();
    this.on('message', (message) => this.handle(message));
  }
  async handle({ text, from }) {
    if (!text.startsWith('!')) return;
    this.emit('reply', { to: from, text: await answer(text) });
  }
}

const bot = new Bot();
const replies = [];
bot.on('reply', (reply) => {
  replies.push(`${reply.to}: ${reply.text}`);
  if (replies.length === 4) for (const line of replies.sort()) console.log(line);
});
bot.emit('message', { from: 1, text: '!ping' });
bot.emit('message', { from: 2, text: '!sum 1 2 3' });
bot.emit('message', { from: 3, text: 'hello' });
bot.emit('message', { from: 4, text: '!echo a b' });
bot.emit('message', { from: 5, text: '!what' });

//! works
//> 1: pong
//> 2: 6
//> 4: a b
//> 5: unknown command what
