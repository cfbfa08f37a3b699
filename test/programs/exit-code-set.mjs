import { threaded } from 'offloop';

//#region jobs
const validate = threaded((text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
});
//#endregion

const inputs = ['{}', '{', '[]'];
let failures = 0;
for (const [i, input] of inputs.entries()) {
  const ok = await validate(input);
  if (!ok) failures += 1;
  console.log(i, ok ? 'valid' : 'invalid');
}
process.exitCode = failures;

//! works
//! exit 1
//> 0 valid
//> 1 invalid
//> 2 valid
