// Whether a page's Content-Security-Policy is in force.

import assert from 'node:assert/strict';

/** The policy is in force: text doesn't become code. */
export async function isUnderPolicy({ page }) {
  // In a timer: what a debugger evaluates is above the policy until it returns.
  const outcome = await page.evaluate(() => new Promise((resolve) => {
    setTimeout(() => {
      try {
        resolve(Reflect.construct(Function, ['return "ran"'])());
      } catch (error) {
        resolve(error.name);
      }
    });
  }));
  assert.equal(outcome, 'EvalError');
}
