/// <reference types="next" />
declare module '*.module.css' {
  const classes: Record<string, string | undefined>;
  export default classes;
}
declare module '*.css';
