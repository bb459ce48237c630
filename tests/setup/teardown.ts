import { end } from './mongo.ts';

export default end;
