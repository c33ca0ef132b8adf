const { report } = require("./report.cjs");

report(process.argv[2]).then((report) => console.log(JSON.stringify(report)));
