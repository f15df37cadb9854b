# SPDX-License-Identifier: GPL-2.0-or-later
"""What is wrong with the policy files, with the machine or with what is pinned: each has a message that says what to do,
and leaves the last good set in force."""

import contextlib
import os
import shutil

from host import POLICIES, PROBE, ROOT, UNITS, Journal, Units, run, wait_until, write

HERE = f"{ROOT}/faults"
SECRET = f"{HERE}/secret/key"
OTHER_SECRET = f"{HERE}/other/key"
GOVERNED, FREE = "etf.service", "etf-free.service"
WORDS = {GOVERNED: "refused", FREE: "allowed"}
FREED = {GOVERNED: "allowed", FREE: "allowed"}
DROP_IN = f"{UNITS}/enforced.service.d/et.conf"
CANNOT_START = "78"

POLICY = f'''
units = ["{GOVERNED}"]
[[file.rule]]
path = ["{HERE}/secret/**"]
access = ["read"]
action = "deny"
'''
# What would be in force if any of a bad set were.
ELSEWHERE = POLICY.replace(GOVERNED, FREE)

NETWORK = f'''
units = ["{GOVERNED}"]
[network]
default = "deny"
'''


class Faults:
    """Tests that share a daemon, a governed unit, and one that no policy names."""

    title = "faults"
    policy = POLICY
    tries = ("read", SECRET)  # what the governed unit may not do
    errno = "EACCES"

    def __init__(self, report, daemon):
        self.report = report
        self.daemon = daemon
        self.wrong = []  # with the test that is running

    def tests(self):
        """Names, and methods that call `expect` and the like."""
        raise NotImplementedError

    def run(self):
        shutil.rmtree(HERE, ignore_errors=True)
        for path in (SECRET, OTHER_SECRET):
            write(path, "content\n")
        for unit in WORDS:
            Units.write(unit, [PROBE, "--errno", self.errno, *self.tries], f"StandardOutput=truncate:{HERE}/%n")
        Units.reload()
        self.held("without a policy", FREED)
        self.report.check(f"{self.title}/works without a policy", self.wrong)
        for name, test in self.tests():
            self.wrong = []
            try:
                self.good_set()
                test()
            except Exception as error:  # pylint: disable=broad-except # the next test begins anew
                self.wrong.append(f"{type(error).__name__}: {error}")
            self.report.check(f"{self.title}/{name}", self.wrong)
        self.daemon.forget()
        self.daemon.must_reload()
        self.wrong = []
        self.held("with the policies lifted", FREED)
        self.report.check(f"{self.title}/works when the policies are lifted", self.wrong)

    def good_set(self):
        """Each test begins with it in force."""
        self.daemon.forget()
        self.daemon.policy("etf", self.policy)
        run("systemctl", "reset-failed", "enforced", check=False)
        self.daemon.must_start()
        self.daemon.must_reload()
        self.held("at the beginning")

    def expect(self, good, fault):
        if not good:
            self.wrong.append(fault)

    def held(self, when, words=None):
        """The governed unit is, the other is not; both can be started and end."""
        words = words or WORDS
        for unit in words:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{HERE}/{unit}")
        Units.start(*words)
        for unit, word in words.items():
            found = [line[:2] for line in Units.output(unit, HERE)]
            wanted = [(word, self.errno if word == "refused" else "-")]
            self.expect(found == wanted, f"{when}: {unit} has {found}, expected {wanted}")

    def says(self, journal, *texts, seconds=10.0):
        """The daemon's own journal has each of these."""
        def missing():
            said = "\n".join(one.get("MESSAGE", "") for one in journal.daemon())
            return [text for text in texts if text not in said]

        wait_until(lambda: not missing(), seconds, 0.3)
        for text in missing():
            self.wrong.append(f"the journal does not say: {text}\n{self.daemon.log(12)}")

    def refuses_to_reload(self, *texts):
        """By systemctl, and in words to who runs what ExecReload= runs; the unit goes on, and its status says so."""
        journal = Journal()
        good, _ = self.daemon.reload()
        self.expect(not good, "systemctl reload succeeded")
        self.says(journal, *texts)
        done = run("/usr/sbin/enforced", "--reload", check=False)
        self.expect(done.returncode == 1, f"enforced --reload: status {done.returncode}")
        for text in texts:
            self.expect(text in done.stderr, f"enforced --reload does not say: {text}\n{done.stderr[-2000:]}")
        self.expect(self.daemon.active(), "the unit is not active")
        status = self.daemon.status()
        self.expect("1 policy in force for " in status and "not what the policy files say" in status,
                    f"its status is: {status}")

    def cannot_start(self, *texts):
        """It ends with a status for which systemd does not try again, and its unit's status says what is wrong."""
        journal = Journal()
        good, _ = self.daemon.start()
        shown = Units.show("enforced", "ActiveState", "Result", "ExecMainStatus", "StatusText")
        status = shown.pop("StatusText")
        self.expect(not good, "systemctl start succeeded")
        self.expect(shown == {"ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": CANNOT_START},
                    f"the unit has {shown}")
        self.expect(texts[0] in status, f"its status is: {status}")
        self.says(journal, *texts)

    def starts_again(self):
        run("systemctl", "reset-failed", "enforced", check=False)
        good, text = self.daemon.start()
        self.expect(good, f"afterwards it does not start\n{text}")
        self.held("after it was mended")


@contextlib.contextmanager
def drop_in(*lines):
    """More lines of enforced.service. The unit is to be started by whoever wants them to count."""
    write(DROP_IN, "\n".join(["[Service]", *lines, ""]))
    Units.reload()
    try:
        yield
    finally:
        os.unlink(DROP_IN)
        Units.reload()


@contextlib.contextmanager
def hidden(directory):
    """An empty directory in its place, for everybody."""
    run("mount", "-t", "tmpfs", "none", directory)
    try:
        yield
    finally:
        run("umount", "-l", directory)


class BadPolicies(Faults):
    title = "policies"

    def tests(self):
        return [
            ("a bad file among good ones", self.bad_file),
            ("a half-written file", self.half_written),
            ("more policies than there is room for", self.too_many),
            ("globs that make too big a table", self.too_big),
            ("at the start, with the good set still in force", self.at_the_start),
            ("at the first start, the good ones are loaded", self.at_the_first_start),
        ]

    def reload_and_mend(self, *texts):
        self.refuses_to_reload(*texts)
        self.held("after the refused reload")
        self.daemon.restart()
        self.held("after a restart with the same files")
        self.daemon.forget()
        self.daemon.policy("etf", POLICY)
        self.daemon.must_reload()
        status = self.daemon.status()
        self.expect(status.startswith("1 policy in force for ") and ";" not in status, f"its status, once mended, is: {status}")

    def bad_file(self):
        self.daemon.policy("etf", ELSEWHERE)
        self.daemon.policy("etf-bad", "units = 3\n")
        self.reload_and_mend(f"{POLICIES}/etf-bad.toml:1:", "the policy files are not loaded: 1 error, see above. Still: 1 "
                             "policy in force for ")

    def half_written(self):
        self.daemon.policy("etf", ELSEWHERE[:ELSEWHERE.index("access") + 12])
        self.reload_and_mend(f"{POLICIES}/etf.toml:", "the policy files are not loaded")

    def too_many(self):
        self.daemon.policy("etf", ELSEWHERE)
        for number in range(300):
            self.daemon.policy(f"etf-{number}", NETWORK.replace(GOVERNED, f"etf-{number}.service"))
        self.reload_and_mend("the policies can come together on units in 301 ways, of which there may be 255",
                             "have fewer of those, or say the same in fewer policies")

    def too_big(self):
        self.daemon.policy("etf", ELSEWHERE.replace(f"{HERE}/secret/**", "/**a????????????????????????"))
        self.reload_and_mend("policy etf", '"/**a????????????????????????"')

    def at_the_start(self):
        self.daemon.policy("etf", ELSEWHERE)
        self.daemon.policy("etf-bad", "units = 3\n")
        journal = Journal()
        run("systemctl", "kill", "--signal=KILL", "enforced")
        self.says(journal, f"{POLICIES}/etf-bad.toml:1:", "the policy files are not loaded", seconds=30.0)
        self.held("after it was killed")
        self.expect("not what the policy files say" in self.daemon.status(), f"its status is: {self.daemon.status()}")

    def at_the_first_start(self):
        self.daemon.release()
        self.held("when it is released", FREED)
        self.daemon.policy("etf-bad", "units = 3\n")
        journal = Journal()
        self.daemon.must_start()
        self.says(journal, f"{POLICIES}/etf-bad.toml:1:", "1 policy in force")
        self.held("with a bad file beside it")
        self.expect("not what the policy files say" in self.daemon.status(), f"its status is: {self.daemon.status()}")


class Ends(Faults):
    """How it ends, and what lifts what is in force."""

    title = "ends"

    def tests(self):
        return [
            ("stopped, it leaves all in force and says what lifts it", self.stopped),
            ("nothing is released while it runs", self.running),
        ]

    def stopped(self):
        journal = Journal()
        run("systemctl", "stop", "enforced")
        self.says(journal, "stopping; 1 policy in force for ", ", and stays so without the daemon. To lift it: enforced "
                  "--release")
        self.held("after systemctl stop")
        run("systemctl", "daemon-reexec")
        self.held("after daemon-reexec, without the daemon")
        done = run("/usr/sbin/enforced", "--release", check=False)
        self.expect(done.returncode == 0 and "no policy is in force any more" in done.stdout,
                    f"enforced --release: status {done.returncode}: {done.stdout}{done.stderr}")
        self.says(journal, "no policy is in force any more")
        self.held("after enforced --release", FREED)
        self.starts_again()

    def running(self):
        done = run("/usr/sbin/enforced", "--release", check=False)
        self.expect(done.returncode == 1 and "systemctl stop enforced" in done.stderr,
                    f"enforced --release: status {done.returncode}: {done.stdout}{done.stderr}")
        self.held("after enforced --release was refused")


SUITES = (BadPolicies, Ends)
