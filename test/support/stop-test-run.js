const { folderOfRun, removeRun } = require('./test-run');

module.exports = async () => {
  await removeRun(folderOfRun(process.pid));
};
