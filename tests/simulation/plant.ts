import { plant } from '../plant.ts';
import { MUTANTS } from './mutants.ts';

/** Loaded before everything else: plants the mutant that `MUTANT` names. */
const mutant = MUTANTS.find(({ name }) => name === process.env['MUTANT']);
if (!mutant) throw new Error(`There is no mutant ${process.env['MUTANT']}`);

plant([mutant, ...(mutant.also ? [{ ...mutant.also, file: mutant.file }] : [])]);
