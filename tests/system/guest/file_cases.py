# SPDX-License-Identifier: GPL-2.0-or-later
"""File rules: each kind of access, by each way to it."""

import os

from battery import Group, Step

ACCESSES = ("read", "write", "create", "delete", "rename", "link", "attr")
ACL = bytes.fromhex("02000000" "01000600ffffffff" "02000400feff0000" "04000400ffffffff" "10000400ffffffff" "20000400ffffffff")


def symlink(place):
    os.symlink(f"{place.d}/file", f"{place.o}/link")


def acl(place):
    os.setxattr(f"{place.d}/file", "system.posix_acl_access", ACL)


def program(place):
    with open("/bin/true", "rb") as source, open(f"{place.d}/program", "wb") as copy:
        copy.write(source.read())
    os.chmod(f"{place.d}/program", 0o755)


def accesses(rule_of, refused="EACCES", action="", lean=False):
    """Every way to every access. `rule_of` gives the key of the rule for an access. `lean`: one or two ways for each."""
    found = []
    default = rule_of("read") == rule_of("create")

    def step(access, name, tries, object="@d/file", operation="", **options):
        found.append(Step(f"{access}-{name}", tries, rule_of(access), operation or access, object, at=access,
                          refused=refused, action=action, **options))

    def opened(name, tries):
        if not default:  # or else what has to be opened first is refused
            step("attr", name, tries)

    step("read", "open", "read @d/file")
    step("write", "open", "write @d/file")
    step("create", "file", "create @d/new", "@d/new", absent="@d/new" if refused else "")
    step("create", "directory", "mkdir @d/new", "@d/new", absent="@d/new" if refused else "")
    step("delete", "file", "unlink @d/other", "@d/other")
    step("rename", "file", "rename @d/file @d/new")
    step("link", "file", "link @d/file @d/new")
    step("attr", "mode", "chmod @d/file")
    step("attr", "times", "utimes @d/file")
    if lean:
        return found
    step("read", "directory", "list @d/dir", "@d/dir")
    step("read", "thread", "--thread read @d/file")
    step("read", "child", "--fork read @d/file")
    step("read", "often", "read @d/file", count=50)
    step("read", "reopened", "reopen @d/file")
    step("read", "openat2", "openat2 @d file")
    step("read", "32-bit", "open32 @d/file", lacks="the kernel runs no 32-bit programs")
    step("read", "ring", "ring-open @d/file")
    step("read", "ring-worker", "ring-openworker @d/file")
    step("read", "symlink", "read @o/link", prepare=symlink)
    step("read", "dotdot", "read @d/dir/../file")
    step("read", "proc-root", "read /proc/self/root@d/file")
    step("read", "proc-cwd", "--fork chdir @d , read /proc/self/cwd/file")
    step("read", "proc-thread", "read /proc/thread-self/root@d/file")
    step("read", "relative", "--fork hold-path @d , readat file")
    if not default:  # a default that denies reading does not keep a program from being run: [exec] speaks of that
        step("read", "image", "exec @d/program", "@d/program", prepare=program)
    step("write", "append", "append @d/file")
    step("write", "update", "update @d/file")
    step("write", "truncating", "trunc @d/file")
    step("write", "truncate", "truncate @d/file")
    step("write", "access3", "access3 @d/file")
    step("create", "fifo", "mknod @d/new", "@d/new", absent="@d/new")
    step("create", "device", "device @d/new", "@d/new", absent="@d/new")
    step("create", "symlink", "symlink /etc/passwd @d/new", "@d/new", absent="@d/new")
    step("create", "socket", "bindunix @d/s", "@d/s", absent="@d/s")
    step("create", "nameless", "tmpfile @d", "@d/#*")
    step("create", "by-rename", "rename @o/file @d/new", "@d/new", absent="@d/new")
    step("create", "by-link", "link @o/file @d/new", "@d/new", absent="@d/new")
    step("create", "by-nameless", "linktmp @o @d/new", "@d/new", absent="@d/new")
    step("create", "ring", "ring-mkdir @d/new", "@d/new", absent="@d/new")
    step("delete", "directory", "rmdir @d/empty", "@d/empty")
    step("delete", "ring", "ring-unlink @d/other", "@d/other")
    step("delete", "by-rename", "rename @o/file @d/other", "@d/other", "create" if default else "delete")
    step("rename", "away", "rename @d/file @o/new")
    step("rename", "directory", "rename @d/dir @d/new", "@d/dir")
    step("rename", "exchange", "exchange @d/file @o/file")
    step("rename", "exchanged", "exchange @o/file @d/file", operation="create" if default else "rename")
    step("rename", "ring", "ring-rename @d/file @d/new")
    step("link", "away", "link @d/file @o/new")
    step("link", "descriptor", "linkfd @d/file @d/new")
    opened("mode-of-descriptor", "fchmod @d/file")
    step("attr", "mode-of-reopened", "chmodfd @d/file")
    step("attr", "owner", "chown @d/file")
    opened("times-of-descriptor", "futimes @d/file")
    step("attr", "set-xattr", "setxattr @d/file")
    step("attr", "remove-xattr", "removexattr @d/file")
    step("attr", "set-acl", "setacl @d/file")
    step("attr", "remove-acl", "removeacl @d/file", prepare=acl)
    opened("flags", "chattr @d/file")
    opened("flags-32", "chattr32 @d/file")
    return found


def rules(action, mode="enforce"):
    """A rule for each access, about a directory of its own."""
    return f'mode = "{mode}"\n' + "".join(
        f'[[file.rule]] # file.rule[{number}]\npath = ["@root/{access}/**"]\naccess = ["{access}"]\naction = "{action}"\n'
        for number, access in enumerate(ACCESSES))


def rule_of(access):
    return f"file.rule[{ACCESSES.index(access)}]"


DEFAULT = '''
[file]
default = "deny" # file.default
[[file.rule]]
path = ["@root/ok/**", "/dev/null"]
access = "all"
action = "allow"
'''

# Denied by nothing but the default: what the file is called has to be known.
READABLE = DEFAULT + '''
[[file.rule]]
path = ["@root/deny/**"]
access = ["read"]
action = "allow"
'''

EXCEPT = '''
[[file.rule]] # file.rule[0]
path = ["@root/deny/**"]
except = ["@root/deny/*/*/other", "@root/deny/**/dir/**"]
access = ["read", "write"]
action = "deny"
'''

# Deny beats allow, whatever the order, and each of two policies has to permit.
BOTH = '''
[file]
default = "deny" # file.default
[[file.rule]]
path = ["@root/**"]
access = "all"
action = "allow"
[[file.rule]] # file.rule[1]
path = ["@root/deny/**"]
access = ["read"]
action = "deny"
'''
SECOND = '''
[[file.rule]] # file.rule[0]
path = ["@root/second/**"]
access = ["read"]
action = "deny"
'''

GROUPS = [
    Group("file-deny", rules("deny"), accesses(rule_of)),
    Group("file-default", DEFAULT, accesses(lambda access: "file.default")),
    Group("file-kill", rules("kill"), accesses(rule_of, "killed", lean=True)),
    Group("file-audit", rules("audit"), accesses(rule_of, "", "audit", lean=True)),
    Group("file-mode", rules("deny", "audit"), accesses(rule_of, "", "would-deny", lean=True)),
    Group("file-except", EXCEPT, [
        Step("rule", "read @d/file", "file.rule[0]", "read"),
        Step("name", "read @d/other", refused=""),
        Step("tree", "read @d/dir/inner", refused=""),
        Step("other-access", "unlink @d/file", refused=""),
    ]),
    Group("file-readable", READABLE, [
        Step("read", "read @d/file", refused=""),
        # Before the others, which leave the mount behind by which this one has to know the file.
        Step("xattr-of-descriptor", "fsetxattr @d/file", "file.default", "attr"),
        Step("mode-of-descriptor", "fchmod @d/file", "file.default", "attr"),
        Step("times-of-descriptor", "futimes @d/file", "file.default", "attr"),
    ]),
    Group("file-two", BOTH, [
        Step("deny-beats-allow", "read @d/file", "file.rule[1]", "read"),
        Step("allow-stays", "write @d/file", refused=""),
        Step("second-policy", "read @d/file", "file.rule[0]", "read", at="second"),
        Step("first-permits", "write @d/file", refused="", at="second"),
    ], more={"et-file-two-more": SECOND}),
]
