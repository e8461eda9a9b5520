const { folderOfRun, removeDeadRuns } = require('./test-run');

module.exports = async () => {
  await removeDeadRuns();
  process.env.TIEOUT_TEST_SERVER = folderOfRun(process.pid);
};
