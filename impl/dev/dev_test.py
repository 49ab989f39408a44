"""Tests of ./dev: its usage, and the set-up on machines that cannot be set up.

Each machine is a folder of programs as the whole PATH, some of them fakes, and an os-release file.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ('run', 'test', 'setup', 'build', 'autobahn', 'endpoints', 'repeats', 'parity', 'fuzz',
            'bench', 'lint', 'format', 'coverage', 'clean')
DEBIAN_12 = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
FEDORA = 'ID=fedora\nVERSION_ID=42\nPRETTY_NAME="Fedora Linux 42"\n'


class Machine:
    """A machine with the given fakes: name to the body of a shell script."""

    def __init__(self, folder: pathlib.Path, release: str, fakes: dict[str, str]) -> None:
        self.folder = folder
        self.programs = folder / 'bin'
        self.programs.mkdir()
        for name in ('bash', 'cat', 'dirname', 'env', 'head', 'nproc', 'paste', 'sed', 'uname'):
            path = shutil.which(name)
            assert path is not None, name
            (self.programs / name).symlink_to(path)
        self.calls_file = folder / 'calls'
        for name, body in fakes.items():
            self.add(name, body)
        (folder / 'os-release').write_text(release)

    def add(self, name: str, body: str) -> None:
        script = self.programs / name
        script.write_text(f'#!/bin/bash\necho "{name} $*" >>"{self.calls_file}"\n{body}\n')
        script.chmod(0o755)

    def calls(self, name: str) -> list[str]:
        if not self.calls_file.exists():
            return []
        lines = self.calls_file.read_text().splitlines()
        return [line for line in lines if line.startswith(name + ' ')]

    def dev(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {'PATH': str(self.programs), 'HOME': str(self.folder),
                       'WSPROOF_OS_RELEASE': str(self.folder / 'os-release'), **variables}
        return subprocess.run(['bash', str(ROOT / 'dev'), *arguments], env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, check=False)


class DevTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def machine(self, release: str = DEBIAN_12, *, user: int = 0, **fakes: str) -> Machine:
        """Without any package, unless a fake says otherwise; `_` in a name stands for `-`."""
        named = {name.replace('_', '-'): body for name, body in fakes.items()}
        return Machine(self.folder, release,
                       {'id': f'echo {user}', 'dpkg-query': 'exit 1', **named})


class Usage(DevTest):
    def test_help_names_every_command(self) -> None:
        result = self.machine().dev('--help')
        self.assertEqual(result.returncode, 0)
        for command in COMMANDS:
            self.assertRegex(result.stdout, rf'(?m)^  {command} +\S')

    def test_every_command_has_help_and_does_nothing_else(self) -> None:
        machine = self.machine()
        for command in COMMANDS:
            with self.subTest(command):
                result = machine.dev(command, '--help')
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn(f'./dev {command}', result.stdout)
        self.assertEqual(machine.calls('dpkg-query'), [])

    def test_without_a_command_shows_the_help_and_fails(self) -> None:
        result = self.machine().dev()
        self.assertEqual(result.returncode, 2)
        self.assertIn('Usage: ./dev COMMAND', result.stderr)

    def test_an_unknown_command_is_named_with_the_known_ones(self) -> None:
        result = self.machine().dev('tset')
        self.assertEqual(result.returncode, 2)
        self.assertIn("'tset'", result.stderr)
        self.assertIn(' '.join(COMMANDS), result.stderr)

    def test_bad_arguments_are_named_with_what_would_be_right(self) -> None:
        for arguments, bad, right in (
                (('test', '--fast'), '--fast', '--preset'),
                (('test', '--preset', 'debug'), 'debug', 'asan'),
                (('test', '--preset'), '--preset', 'value'),
                (('test', '--all', '--preset', 'dev'), '--all', 'not both'),
                (('setup', 'everything'), 'everything', 'coverage'),
                (('build', '--prest', 'dev'), '--prest', '--preset'),
                (('build', '--preset', 'debug'), 'debug', 'release'),
                (('run', '--fast'), '--fast', '--quick'),
                (('run', '--engine'), '--engine', 'value'),
                (('fuzz',), 'fuzz', '--smoke'),
                (('bench', '--fast'), '--fast', '--quick'),
                (('lint', '--fix'), '--fix', 'takes no'),
                (('format', 'x.cpp'), 'x.cpp', 'takes no'),
                (('coverage', '90'), '90', 'takes no'),
                (('clean', 'all'), 'all', 'takes no')):
            with self.subTest(arguments):
                shutil.rmtree(self.folder / 'bin', ignore_errors=True)
                result = self.machine().dev(*arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn(bad, result.stderr)
                self.assertIn(right, result.stderr)
                self.assertEqual(result.stdout, '')


class Setup(DevTest):
    def assert_names_packages(self, result: subprocess.CompletedProcess[str]) -> None:
        self.assertEqual(result.returncode, 4)
        self.assertRegex(result.stderr, r'apt-get install .*g\+\+ cmake ninja-build .*python3-venv')

    def test_installs_what_is_missing_and_says_so(self) -> None:
        machine = self.machine(
            apt_get='exit 0', dpkg_query="echo 'installed:g++ installed:cmake '; exit 1")
        result = machine.dev('setup', 'lint')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('installing with apt-get: clang-19 clang-format-19 clang-tidy-19',
                      result.stderr)
        update, install = machine.calls('apt-get')
        self.assertRegex(update, r' update$')
        self.assertRegex(install, r'install --yes --no-install-recommends '
                                  r'clang-19 clang-format-19 clang-tidy-19$')

    def test_installs_nothing_when_the_packages_are_there(self) -> None:
        machine = self.machine(
            apt_get='exit 0',
            dpkg_query="echo 'installed:clang-19 installed:clang-format-19 "
                       "installed:clang-tidy-19 '")
        result = machine.dev('setup', 'lint')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(machine.calls('apt-get'), [])

    def test_a_removed_package_is_missing(self) -> None:
        machine = self.machine(apt_get='exit 0', dpkg_query="echo 'config-files:gcovr '")
        machine.dev('setup', 'coverage')
        self.assertEqual(len(machine.calls('apt-get')), 2)

    def test_goes_on_on_any_system_that_has_the_tools(self) -> None:
        machine = self.machine(FEDORA, user=1000, **{
            'clang++_19': '', 'clang_format_19': '', 'clang_tidy_19': ''})
        result = machine.dev('setup', 'lint')
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_goes_on_without_what_is_only_nice_to_have(self) -> None:
        machine = self.machine(FEDORA, **{
            'clang++_19': f'echo {self.folder / "os-release"}'})  # a file that exists
        result = machine.dev('setup', 'fuzz')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('going on without llvm-19', result.stderr)

    def test_an_unsupported_distribution_gets_the_names(self) -> None:
        machine = self.machine(FEDORA, apt_get='exit 0')
        result = machine.dev('setup', 'build', 'autobahn')
        self.assert_names_packages(result)
        self.assertIn('Fedora Linux 42', result.stderr)
        self.assertEqual(machine.calls('apt-get'), [])

    def test_without_root_and_sudo_it_names_the_packages(self) -> None:
        machine = self.machine(user=1000, apt_get='exit 0')
        result = machine.dev('setup', 'build', 'autobahn')
        self.assert_names_packages(result)
        self.assertIn('root', result.stderr)
        self.assertEqual(machine.calls('apt-get'), [])

    def test_a_sudo_that_asks_for_a_password_does_not_hang(self) -> None:
        machine = self.machine(user=1000, apt_get='exit 0', sudo='[[ $1 == -n ]] && exit 1; read')
        self.assert_names_packages(machine.dev('setup', 'build', 'autobahn'))

    def test_uses_sudo_without_root(self) -> None:
        machine = self.machine(user=1000, apt_get='exit 0', sudo='[[ $1 == -n ]] || exit 1; "${@:2}"')
        machine.add('true', '')
        result = machine.dev('setup', 'coverage')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('install', machine.calls('apt-get')[-1])

    def test_without_network_it_names_the_packages(self) -> None:
        for broken in ('exit 100', '[[ $* == *update* ]] || exit 100'):
            with self.subTest(broken):
                shutil.rmtree(self.folder / 'bin', ignore_errors=True)
                result = self.machine(apt_get=broken).dev('setup', 'build', 'autobahn')
                self.assert_names_packages(result)
                self.assertIn('network', result.stderr)

    def test_installs_nothing_when_that_is_forbidden(self) -> None:
        machine = self.machine(apt_get='exit 0')
        result = machine.dev('setup', 'build', 'autobahn', WSPROOF_NO_INSTALL='1')
        self.assert_names_packages(result)
        self.assertIn('WSPROOF_NO_INSTALL', result.stderr)
        self.assertEqual(machine.calls('apt-get'), [])

    def test_run_and_test_stop_where_the_machine_cannot_be_set_up(self) -> None:
        machine = self.machine(FEDORA)
        for command in ('run', 'test', 'build', 'bench', 'lint', 'coverage'):
            with self.subTest(command):
                self.assertEqual(machine.dev(command).returncode, 4)


class Count(unittest.TestCase):
    """What the last line of ./dev test says of one run of ctest."""

    def count(self, log: str, status: int) -> str:
        with tempfile.NamedTemporaryFile('w', suffix='.log') as file:
            file.write(log)
            file.flush()
            script = (f'root={ROOT}; cd $root; source impl/dev/common.sh; '
                      f'source impl/dev/checks.sh; count_ctest {file.name} {status}; '
                      f'echo "$passed passed, $failed failed"')
            return subprocess.run(['bash', '-euc', script], capture_output=True, text=True,
                                  check=True).stdout.strip()

    def test_adds_up_what_ctest_printed(self) -> None:
        for log, status, expected in (
                ('100% tests passed, 0 tests failed out of 12\n', 0, '12 passed, 0 failed'),
                ('75% tests passed, 3 tests failed out of 12\n', 8, '9 passed, 3 failed'),
                ('100% tests passed, 0 tests failed out of 12\n\n'
                 'The following tests did not run:\n\t  7 - report_browser (Skipped)\n', 0,
                 '11 passed, 0 failed')):
            with self.subTest(log):
                self.assertEqual(self.count(log, status), expected)

    def test_counts_a_ctest_that_ran_nothing_as_a_failure(self) -> None:
        for log, status in (('No tests were found!!!\n', 1), ('No tests were found!!!\n', 0),
                            ('', 134)):
            with self.subTest(log):
                self.assertEqual(self.count(log, status), '0 passed, 1 failed')

    def test_counts_a_ctest_that_broke_after_its_tests_as_a_failure(self) -> None:
        self.assertEqual(self.count('100% tests passed, 0 tests failed out of 2\n', 1),
                         '2 passed, 1 failed')

    def test_remembers_what_failed_tests_printed(self) -> None:
        def part(name: str, output: list[str], end: str) -> str:
            line = '-' * 58
            return '\n'.join([f'1/3 Testing: {name}', f'1/3 Test: {name}', 'Command: "it"', 'Output:',
                              line, *output, '<end of output>', 'Test time =   0.01 sec', line,
                              f'Test {end}.', f'"{name}" end time: now', line, '', ''])

        with tempfile.TemporaryDirectory() as root:
            log = pathlib.Path(root, 'build', 'dev', 'Testing', 'Temporary', 'LastTest.log')
            log.parent.mkdir(parents=True)
            log.write_text(part('good', ['is well'], 'Passed') +
                           part('bad', [f'line {i}' for i in range(1, 101)], 'Failed') +
                           part('silent', [], 'Failed'))
            script = (f'root={root}; source {ROOT}/impl/dev/checks.sh; '
                      'remember_failures dev; printf "%s" "$failures"')
            said = subprocess.run(['bash', '-euc', script], capture_output=True, text=True,
                                  check=True).stdout.splitlines()
        self.assertEqual(said, ['FAILED in dev: bad', *(f'  line {i}' for i in range(41, 101)),
                                'FAILED in dev: silent'])


if __name__ == '__main__':
    unittest.main()
