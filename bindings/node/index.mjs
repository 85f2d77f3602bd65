import kordon from './index.js';

export const { Engine, VERSION, admit, cel, checkFiles, checkTexts } = kordon;
export default kordon;
