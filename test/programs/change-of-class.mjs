import { threaded } from 'offloop';

class Account {
  static rate = 1;
  static async start(rate) {
    Account.rate = rate;
    console.log(await interest(100));
  }
}
const interest = threaded((sum) => sum * Account.rate);

await Account.start(3);

//! refused ERR_OFFLOOP_CAPTURE Account
//> 300
