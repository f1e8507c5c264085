import { variation } from './scene.mjs';
variation('an ordinary login', {});
