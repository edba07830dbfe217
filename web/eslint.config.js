import ts from 'typescript-eslint';
import hooks from 'eslint-plugin-react-hooks';

export default ts.config(
  { ignores: ['src/api/schema.d.ts'] },
  ...ts.configs.recommended,
  hooks.configs.flat.recommended,
  { rules: { 'max-lines': ['error', 400], eqeqeq: ['error', 'smart'], 'no-console': 'error' } },
);
