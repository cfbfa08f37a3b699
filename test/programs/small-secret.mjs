import { createHmac, randomBytes } from 'node:crypto';
import { threaded } from 'offloop';

const secret = randomBytes(16).toString('hex');
const sign = threaded((text) => createHmac('sha256', secret).update(text).digest('hex'));
const here = createHmac('sha256', secret).update('x').digest('hex');
console.log(secret.length);
console.log((await sign('x')) === here);

//! refused ERR_OFFLOOP_CAPTURE secret
//> 32
//> true
