// Text and what has to be made out stand out from what they are on, in the dark and in the light.
// Spec: WCAG 2.2 §1.4.3 (text, 4.5:1), §1.4.11 (borders, focus and signs, 3:1).

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const TEXT = 4.5;
const SIGN = 3;
const WEB = new URL('../../web/', import.meta.url);
const FILES = readdirSync(WEB).filter((file) => file.endsWith('.css'));

/** Where the stylesheets let a colour be inherited, what meets what. */
const MEETINGS = {
  'text on the page': [TEXT, '--ink', '--ground'],
  'text on cards, panels and toasts': [TEXT, '--ink', '--surface'],
  'text on buttons': [TEXT, '--ink', '--raised', '--raised-hover'],
  'hints': [TEXT, '--ink-soft', '--ground', '--surface'],
  'links in messages': [TEXT, '--link', '--surface', '--raised'],
  'errors': [TEXT, '--on-off', '--ground', '--surface'],
  'a device that is off': [TEXT, '--on-off', '--off', '--off-hover'],
  'the button to join': [TEXT, '--on-accent', '--accent', '--accent-hover'],
  'the button to leave': [TEXT, '--on-danger', '--danger', '--danger-hover'],
  'warnings': [TEXT, '--on-warn', '--warn'],
  'tooltips': [TEXT, '--ground', '--ink'],
  'what is written into a field': [TEXT, '--ink', '--ground'],
  'the edge of a field': [SIGN, '--field-line', '--ground', '--surface'],
  'the focus': [SIGN, '--focus', '--ground', '--surface', '--raised', '--tile'],
  'the edge of an own message': [SIGN, '--accent', '--surface'],
  'the edge of a message that failed': [SIGN, '--on-off', '--surface'],
  'the level of the microphone': [SIGN, '--accent', '--raised'],
  'the sign of who shares': [SIGN, '--link', '--surface'],
  'the spinner of a tile': [SIGN, '--accent', '--tile'],
};

const rules = FILES.flatMap((file) => {
  const css = readFileSync(new URL(file, WEB), 'utf8').replace(/\/\*.*?\*\//gsu, '');
  return [...css.matchAll(/([^{}]+)\{([^{}]*)\}/gu)].map(([, selector, body]) => ({
    file, selector: selector.trim(), style: Object.fromEntries(body.split(';')
      .map((line) => line.split(/:(.*)/su).map((part) => part?.trim()))
      .filter(([name]) => name)),
  }));
});
const tokens = rules.filter(({ selector }) => selector === ':root').map(({ style }) => style);
const schemes = { dark: tokens[0], light: { ...tokens[0], ...tokens[1] } };

/** Channels from 0 to 255, or nothing for what is no plain colour. */
function channels(value, scheme) {
  const [, token] = /^var\((--[\w-]+)\)$/u.exec(value ?? '') ?? [];
  const hex = /^#([\da-f]{6})$/iu.exec(token ? scheme[token] : value ?? '')?.[1];
  return hex && [0, 2, 4].map((index) => parseInt(hex.slice(index, index + 2), 16));
}

function luminance(rgb) {
  const [red, green, blue] = rgb.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

for (const [name, scheme] of Object.entries(schemes)) {
  describe(`contrast in the ${name}`, () => {
    for (const [what, [least, front, ...grounds]] of Object.entries(MEETINGS)) {
      it(`${what}: at least ${least}`, () => {
        for (const ground of grounds) {
          const found = contrast(...[front, ground].map((token) =>
            channels(`var(${token})`, scheme)));
          assert.ok(found >= least, `${front} on ${ground}: ${found.toFixed(2)}`);
        }
      });
    }

    it('every rule that sets both colours', () => {
      const pairs = rules.filter(({ style }) => style.color && style.background)
        .map(({ file, selector, style }) => ({
          file, selector, front: channels(style.color, scheme),
          ground: channels(style.background, scheme),
        }))
        .filter(({ front, ground }) => front && ground);
      assert.ok(pairs.length >= 10, `${pairs.length} rules`);
      for (const { file, selector, front, ground } of pairs) {
        const found = contrast(front, ground);
        assert.ok(found >= TEXT, `${file}: ${selector}: ${found.toFixed(2)}`);
      }
    });

    it('the letters of every avatar', () => {
      const { color } = rules.find(({ selector }) => selector === '.avatar').style;
      const tints = rules.filter(({ selector }) => selector.startsWith('.avatar[data-tint'));
      assert.equal(tints.length, 8);
      for (const { selector, style } of tints) {
        const found = contrast(channels(color, scheme), channels(style.background, scheme));
        assert.ok(found >= TEXT, `${selector}: ${found.toFixed(2)}`);
      }
    });

    it('white words on the shade over a picture, whatever the picture', () => {
      const shades = rules.filter(({ style }) => style.color === '#ffffff'
        && /^rgb\(/u.test(style.background ?? ''));
      assert.ok(shades.length >= 3, `${shades.length} rules`);
      for (const { selector, style } of shades) {
        const [red, green, blue, percent] = style.background.match(/[\d.]+/gu).map(Number);
        // On white, the worst of pictures.
        const blend = [red, green, blue].map((channel) =>
          channel * percent / 100 + 255 * (1 - percent / 100));
        const found = contrast([255, 255, 255], blend);
        assert.ok(found >= TEXT, `${selector}: ${found.toFixed(2)}`);
      }
    });
  });
}

it('knows every token that is a colour', () => {
  const met = new Set(Object.values(MEETINGS).flat());
  const decoration = ['--line']; // beside a difference of grounds, not instead of one
  const forgotten = Object.keys(schemes.dark).filter((token) =>
    /^#/u.test(schemes.dark[token]) && !met.has(token) && !decoration.includes(token));
  assert.deepEqual(forgotten, []);
});
