// What the page does: the task of its URL, and a report to the server that it came from.
const query = new URLSearchParams(location.search);
const url = query.get('url');

const tasks = {
  async autobahn() {
    const {run_all_cases} = await import('./autobahn_client.mjs');
    return run_all_cases(WebSocket, url, query.get('agent'));
  },
  async api() {
    const {run_all} = await import('./websocket_api.mjs');
    return run_all(WebSocket, url);
  },
};

let report;
try {
  report = {result: await tasks[query.get('task')]()};
} catch (error) {
  report = {error: String(error.stack ?? error)};
}
await fetch('/done', {method: 'POST', body: JSON.stringify(report)});
