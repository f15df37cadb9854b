// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/canary.hpp"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include "base/fd.hpp"
#include "kernel/errand.hpp"

namespace enforced::kernel {
namespace {

constexpr unsigned patience = 30; // seconds; the child needs milliseconds
constexpr int untried = -1;

/// What the child writes and the parent reads: an errno for each hook, 0 for an operation that was permitted.
struct Diary {
    std::array<std::atomic<int>, ENFORCED_HOOK_COUNT> results;
    std::atomic<int> prepared; // errno of what could not be prepared
};

class SharedDiary {
  public:
    SharedDiary()
        : memory_(mmap(nullptr, sizeof(Diary), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (valid()) {
            for (auto& result : get().results)
                result = untried;
        }
    }
    SharedDiary(const SharedDiary&) = delete;
    SharedDiary& operator=(const SharedDiary&) = delete;
    ~SharedDiary() {
        if (valid())
            munmap(memory_, sizeof(Diary));
    }
    [[nodiscard]] bool valid() const { return memory_ != MAP_FAILED; }
    [[nodiscard]] Diary& get() const { return *static_cast<Diary*>(memory_); }

  private:
    void* memory_;
};

[[noreturn]] void run_child(const HookSet& hooks, enforced_control& control, const std::string& cgroup,
                            int start, Diary& diary) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(patience);
    Cage cage(cgroup);
    diary.prepared = cage.fault();
    std::uint64_t go = 0;
    if (diary.prepared || read(start, &go, sizeof(go)) < 0)
        _exit(1);
    for (const Errand& errand : errands()) {
        if (!hooks.test(errand.hook))
            continue;
        control.canary_hook = errand.hook;
        diary.results[errand.hook] = errand.no_return;
        diary.results[errand.hook] = errand.run(cage);
    }
    _exit(0);
}

int refusal_of(const Hook& hook) {
    const auto errand = std::ranges::find(errands(), hook.number, &Errand::hook);
    if (errand != errands().end() && errand->refusal)
        return errand->refusal;
    return hook.kind == HookKind::lsm ? EOWNERDEAD : EPERM;
}

/// Whether any hook of a security module was asked: what one says that has nothing to be asked about on this
/// machine goes by that.
bool is_lsm_asked(const enforced_control& control) {
    return std::ranges::any_of(
        hooks, [&](const Hook& hook) { return hook.kind == HookKind::lsm && fired(control, hook.number); });
}

std::string verdict_on(const Hook& hook, bool seen, int result, bool lsm_asked) {
    const bool told = hook.kind == HookKind::lsm || hook.kind == HookKind::cgroup;

    if (result == not_needed && (hook.kind != HookKind::lsm || lsm_asked))
        return {};
    if (!seen && result == untried)
        return "could not be tried";
    if (!seen && result > 0)
        return fmt::format("could not be tried: {}", std::strerror(result));
    if (!seen && hook.kind == HookKind::lsm)
        return "loads, but is never asked; is bpf missing in /sys/kernel/security/lsm?";
    if (!seen)
        return "loads, but is never asked";
    if (told && result != refusal_of(hook) && result != not_told)
        return "is asked, but its answer is not obeyed";
    return {};
}

} // namespace

bool fired(const enforced_control& control, enforced_hook hook) {
    return control.fired[hook / 64] >> (hook % 64) & 1;
}

Result<Sighting> send_canary(const HookSet& hooks_to_try, enforced_control& control,
                             const std::string& cgroup) {
    const SharedDiary diary;
    const Fd start(eventfd(0, EFD_CLOEXEC));
    Sighting sighting;
    int status = 0;

    if (!diary.valid() || !start)
        return failure("prepare the canary", errno);
    const std::string cell = cgroup + fmt::format("/enforced-canary-{}", getpid());
    const pid_t child = fork();
    if (child < 0)
        return failure("fork the canary", errno);
    if (!child)
        run_child(hooks_to_try, control, cell, start.get(), diary.get());

    for (auto& word : control.fired)
        word = 0;
    control.canary_hook = ENFORCED_HOOK_COUNT; // none yet
    std::atomic_thread_fence(std::memory_order_release);
    control.canary = static_cast<std::uint32_t>(child);
    const std::uint64_t go = 1;
    const bool sent = write(start.get(), &go, sizeof(go)) == sizeof(go);
    if (!sent)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    control.canary = 0;
    rmdir(cell.c_str());
    if (const int fault = diary.get().prepared)
        return failure("prepare a mount namespace for the canary", fault);

    const bool lsm_asked = is_lsm_asked(control);
    for (const Hook& hook : hooks) {
        if (!hooks_to_try.test(hook.number))
            continue;
        sighting.reasons[hook.number] =
            verdict_on(hook, fired(control, hook.number), diary.get().results[hook.number], lsm_asked);
        sighting.works.set(hook.number, sighting.reasons[hook.number].empty());
    }
    return sighting;
}

} // namespace enforced::kernel
