// Breaks the rules of the core one at a time; the simulator and the explorer have to notice each.

import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `Usage: node tests/sim/mutants.mjs [--build FOLDER] [--only WORDS] [--jobs N]
                                  [--seeds N] [--detours N]

Each line of tests/sim/mutants.json breaks one rule of the core.  The broken core is built and
simulated, watched on steady links where that finds nothing, and then explored; a mutant that
nothing notices fails the check.

  --build FOLDER  a native build with dvmeet_sim and dvmeet_explore; default build/native
  --only WORDS    the mutants with these words in their name
  --jobs N        how many at a time; default 2
  --seeds N       meetings simulated for each; default 1500
  --detours N     of each scenario's orders, those with so many detours; default 2
`;

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const ENDLESS_MS = 60_000;
const KEPT_OUTPUT = 1 << 16;
/** Each is as long as a dozen others. */
const STEADY_SEEDS = 60;

const { values: options } = parseArgs({
  options: {
    build: { type: 'string', default: path.join(ROOT, 'build', 'native') },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    seeds: { type: 'string', default: '1500' },
    detours: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});
const BUILD = path.resolve(options.build);
const WORK = path.join(BUILD, 'mutants');
// What a mutant leaves unused is no mistake; compiling takes longer than running.
const MUTANT_FLAGS = ['-w', '-O1'];

/** The exit code, or the signal, and the beginning of what was printed. */
function run(command, args, { limitMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: BUILD, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let isEndless = false;
    const timer = limitMs && setTimeout(() => {
      isEndless = true;
      child.kill('SIGKILL');
    }, limitMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        if (output.length < KEPT_OUTPUT) output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, output, isEndless });
    });
  });
}

async function mustRun(command, args) {
  const { code, output } = await run(command, args);
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')}\n${output}`);
}

/** The program and arguments that compile this source, but for the source and the object. */
async function compilation(source) {
  const entries = JSON.parse(await readFile(path.join(BUILD, 'compile_commands.json'), 'utf8'));
  const entry = entries.find(({ file }) => file === path.join(ROOT, source));
  if (!entry) throw new Error(`${BUILD} does not compile ${source}`);
  const [compiler, ...words] = entry.command.split(' ');
  const cut = words.indexOf('-o');
  return { compiler, flags: words.slice(0, cut), object: path.join(BUILD, words[cut + 1]) };
}

/** What broke: the text, or an error where the mutant no longer fits the source. */
function mutate(text, { name, file, find, replace }) {
  const times = text.split(find).length - 1;
  if (times === 1) return text.replace(find, () => replace);
  throw new Error(`"${name}" does not apply: ${file} holds its text ${times} times`);
}

/**
 * The headers that every machine includes, read once: they take half of the time that a mutant
 * takes to compile. A mutant of a header would not be seen; there is none.
 */
async function precompile() {
  const header = path.join(WORK, 'headers.hpp');
  const { compiler, flags } = await compilation('src/mesh.cpp');
  await mkdir(WORK, { recursive: true });
  await writeFile(header, `#include "${path.join(ROOT, 'src', 'mesh.hpp')}"\n`);
  await mustRun(compiler, [...flags, ...MUTANT_FLAGS, '-x', 'c++-header', '-o', `${header}.gch`,
    header]);
  return header;
}

const LIBRARIES = ['libdvmeet_world.a', 'libdvmeet_json.a', 'libdvmeet_core.a'];

/** The program with the mutant's object first, so that the archive's is not asked for. */
async function link(mutant, folder, sources) {
  const objects = await Promise.all(sources.map(async (source) =>
    (await compilation(source)).object));
  const { compiler } = await compilation(mutant.file);
  const program = path.join(folder, path.basename(sources[0], '.cpp'));
  await mustRun(compiler, [
    ...objects, path.join(folder, 'mutant.o'),
    ...LIBRARIES.map((library) => path.join(BUILD, library)), '-o', program,
  ]);
  return program;
}

/** Whether this run noticed something, and what. */
function verdict({ code, signal, output }, read) {
  if (signal) return { how: '', what: `crashed with ${signal}` };
  if (code === 0) return null;
  const found = read(output);
  if (!found) throw new Error(`exit code ${code} without a violation:\n${output}`);
  return found;
}

async function simulated(mutant, folder, by, seeds) {
  const program = await link(mutant, folder, ['tests/sim/sim.cpp', 'tests/sim/traces.cpp']);
  const args = ['--quiet', '--seeds', `1..${seeds}`, '--participants', '2..4'];
  if (by === 'steady') args.push('--steady');
  const result = await run(program, args, { limitMs: ENDLESS_MS });
  if (result.isEndless) return { by, what: `did not end within ${ENDLESS_MS / 1000} s` };
  const found = verdict(result, (output) => {
    const [, seed, what] = /^seed (\d+), (.*)$/m.exec(output) ?? [];
    return seed && { how: ` seed ${seed}`, what };
  });
  return found && { by: `${by}${found.how}`, what: found.what };
}

async function explored(mutant, folder) {
  const program = await link(mutant, folder, ['tests/sim/explore_main.cpp']);
  const args = ['--quiet', '--detours', options.detours];
  const result = await run(program, args, { limitMs: ENDLESS_MS });
  if (result.isEndless) return null; // a broken core has more states, and the machine may be slow
  const found = verdict(result, (output) => {
    const [, scenario, what] = /^(.*?) {2,}[^\n]*VIOLATED\n {2}(.*)$/m.exec(output) ?? [];
    return scenario && { how: `: ${scenario}`, what };
  });
  return found && { by: `explorer${found.how}`, what: found.what };
}

async function examine(mutant, number, header) {
  const started = performance.now();
  const folder = path.join(WORK, String(number));
  await mkdir(folder, { recursive: true });
  const source = path.join(folder, 'mutant.cpp');
  const text = mutate(await readFile(path.join(ROOT, mutant.file), 'utf8'), mutant);
  await writeFile(source, text);
  const { compiler, flags } = await compilation(mutant.file);
  await mustRun(compiler, [...flags, ...MUTANT_FLAGS, '-include', header,
    '-o', path.join(folder, 'mutant.o'), '-c', source]);
  const found = await simulated(mutant, folder, 'sim', options.seeds)
    ?? await simulated(mutant, folder, 'steady', STEADY_SEEDS) ?? await explored(mutant, folder);
  return { mutant, found, seconds: (performance.now() - started) / 1000 };
}

function row({ mutant, found, seconds }) {
  const where = `${mutant.name} (${path.basename(mutant.file)})`;
  return `${where.padEnd(78)} ${seconds.toFixed(1).padStart(5)} s  ${
    found ? `${found.by}, ${found.what}` : 'SURVIVED'}`;
}

async function examineAll(mutants) {
  const header = await precompile();
  const results = [];
  const waiting = [...mutants.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [number, mutant] = next;
      try {
        const result = await examine(mutant, number, header);
        results.push(Boolean(result.found));
        console.log(row(result));
      } catch (error) {
        results.push(false);
        console.log(`${mutant.name}: ${error.message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, work));
  return results;
}

if (options.help) {
  process.stdout.write(USAGE);
} else {
  const list = JSON.parse(await readFile(path.join(ROOT, 'tests', 'sim', 'mutants.json'), 'utf8'));
  const mutants = list.filter(({ name }) => name.includes(options.only));
  const results = await examineAll(mutants);
  await rm(WORK, { recursive: true, force: true });
  const caught = results.filter(Boolean).length;
  console.log(`${results.length} mutants, ${caught} caught, ${results.length - caught} not`);
  process.exitCode = results.length > 0 && caught === results.length ? 0 : 1;
}
