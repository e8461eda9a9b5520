#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const path = require('node:path');

const cli = path.join(__dirname, '..', 'dist', 'cli.js');

if (existsSync(cli)) {
  require(cli);
} else {
  process.stderr.write(`tieout is not built: run 'npm run build' in ${path.dirname(__dirname)}\n`);
  process.exitCode = 1;
}
