# Runs inside the environment of Autobahn|Testsuite, so this one file is Python 2.7.
"""Runs the fuzzer of Autobahn|Testsuite and tells of each case as it happens.

usage: drive_autobahn.py PLAN.json   (the plan and the events are described in engine.py)

The suite alone writes its reports when all cases have ended, and nothing if it is stopped before.
Here every case file is written as soon as its case has a verdict. Nothing is changed in what the
suite sends, how long it waits, or how it judges.
"""

import json
import os
import socket
import sys
import threading

# The suite prints to stdout; that goes to stderr, so that stdout has nothing but events.
EVENTS = os.fdopen(os.dup(1), 'w', 1)
os.dup2(2, 1)

from autobahntestsuite import wstest  # chooses the reactor, so it comes before Twisted
import autobahn
import autobahntestsuite
from autobahn.twisted.websocket import listenWS
from twisted.internet import reactor, ssl
from twisted.internet.error import CannotListenError

fuzzing = wstest.fuzzing


def tell(event, **members):
    EVENTS.write(json.dumps(dict(members, event=event)) + '\n')
    EVENTS.flush()


def end_with_parent():
    """Ends this process when whoever started it has gone: stdin is a pipe from there."""
    sys.stdin.read()
    os._exit(1)


def as_text(value):
    """Replaces bytes that are not UTF-8; the suite fails to write a file that has any."""
    if isinstance(value, str):
        return value.decode('utf-8', 'replace')
    if isinstance(value, dict):
        return dict((as_text(name), as_text(member)) for name, member in value.items())
    if isinstance(value, (list, tuple)):
        return [as_text(member) for member in value]
    return value


class Telling:
    """What both factories do more than the suite's."""

    def logCase(self, result):
        # A request for /runCase that names no agent has got 500, but still leaves a result
        # behind, which breaks the writing of every report.
        if result['agent'] is None:
            return
        fuzzing.FuzzingFactory.logCase(self, result)
        name = self.makeAgentCaseReportFilename(result['agent'], result['id'], ext='json')
        try:
            self.createAgentCaseReportJSON(result['agent'], result['id'], self.outdir)
        except UnicodeDecodeError:
            with open(os.path.join(self.outdir, name), 'w') as out:
                out.write(json.dumps(as_text(result)))
        tell('finished', case=result['id'], file=name)

    def createReports(self):
        self.createMasterReportJSON(self.outdir)
        tell('reports')


class Client(Telling, fuzzing.FuzzingClientFactory):
    def buildProtocol(self, address):
        tell('started', case=self.currentCaseId)
        return fuzzing.FuzzingClientFactory.buildProtocol(self, address)

    def clientConnectionFailed(self, connector, reason):
        tell('refused', case=self.currentCaseId, reason=reason.getErrorMessage())
        fuzzing.FuzzingClientFactory.clientConnectionFailed(self, connector, reason)


class ServerProtocol(fuzzing.FuzzingServerProtocol):
    def onConnect(self, request):
        answer = fuzzing.FuzzingServerProtocol.onConnect(self, request)
        tell('request', path=request.path)
        if self.runCase:
            tell('started', case=self.factory.specCases[self.case - 1])
        return answer


class Server(Telling, fuzzing.FuzzingServerFactory):
    protocol = ServerProtocol


def free_port(host):
    with_port = socket.socket()
    with_port.bind((host, 0))
    port = with_port.getsockname()[1]
    with_port.close()
    return port


def start_server(plan, spec):
    """Listens on a free port; the suite has to know its number beforehand."""
    context = None
    if plan['tls']:
        context = ssl.DefaultOpenSSLContextFactory(str(plan['key']), str(plan['certificate']))
    for _ in range(20):
        port = free_port(plan['host'])
        url = '%s://%s:%d' % ('wss' if plan['tls'] else 'ws', plan['host'], port)
        server = Server(dict(spec, url=url))
        try:
            listenWS(server, context, interface=str(plan['host']))
        except CannotListenError:
            continue
        reactor.addSystemEventTrigger('before', 'shutdown', server.createReports)
        tell('listening', port=port)
        return
    raise SystemExit('no free port on %s' % plan['host'])


def main(path):
    with open(path) as plan_file:
        plan = json.load(plan_file)
    watch = threading.Thread(target=end_with_parent)
    watch.daemon = True
    watch.start()
    tell('engine', engine='autobahntestsuite', version=autobahntestsuite.version,
         library='autobahn %s' % autobahn.version,
         python='%s %d.%d.%d' % ((('PyPy' if hasattr(sys, 'pypy_version_info') else 'CPython'),)
                                 + tuple(sys.version_info[:3])))
    spec = {'outdir': plan['results'], 'cases': plan['cases'], 'exclude-cases': []}
    if plan['role'] == 'server':
        # Without a name of ours the suite takes one from the response, and without that it hangs.
        spec['servers'] = [{'url': plan['url'].encode('ascii'), 'agent': plan['agent']}]
        Client(spec)
    else:
        start_server(plan, spec)
    reactor.run()


if __name__ == '__main__':
    main(sys.argv[1])
