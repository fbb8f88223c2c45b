#include "test/runtime/harness.h"

#include <atomic>
#include <string>

namespace parlane::rt::test {

namespace {

constexpr par_site kPipe = siteAt(20, "pipeline"), kInside = siteAt(21, "par for", "i");

struct Item {
    int64_t number, square;
    par_str text; ///< owned
};

/// Source counts; then parallel, serial, parallel, unordered, serial.
struct Work {
    int64_t items = 0, fail_item = -1;
    int fail_stage = -1; ///< -1 is the source
    int64_t skip_every = 0;
    int64_t next = 0;
    std::vector<int64_t> first_serial, last_serial;
    int64_t unordered_sum = 0;
    std::atomic<int> in_serial{0}, in_unordered{0}, alive{0}, most_alive{0};

    int32_t maybeFail(par_ctx *ctx, int stage, int64_t item) const {
        return item == fail_item && stage == fail_stage ? throwNumber(ctx, item) : PAR_OK;
    }
};

Work &runOf(void *env) { return *static_cast<Work *>(env); }
Item &itemOf(void *token) { return *static_cast<Item *>(token); }

int32_t source(par_ctx *ctx, void *env, void *token) {
    Work &run = runOf(env);
    int64_t item = run.next++;
    if (int32_t o = run.maybeFail(ctx, -1, item)) return o;
    if (item == run.items) return PAR_DONE;
    EXPECT_EQ(itemOf(token).number, 0);
    itemOf(token).number = item;
    int now = ++run.alive, most = run.most_alive;
    while (now > most && !run.most_alive.compare_exchange_weak(most, now)) {}
    return PAR_OK;
}

int32_t squareStage(par_ctx *ctx, void *env, void *token) {
    Item &item = itemOf(token);
    item.square = item.number * item.number;
    std::string text = "this is the text of item " + std::to_string(item.number);
    par_str borrowed = literal(text.c_str());
    par_view1 parts{&borrowed, 1};
    if (int32_t o = par_rt_str_concat(ctx, &item.text, &parts)) return o;
    if (item.number % 5 == 0) burn(5000);
    return runOf(env).maybeFail(ctx, 0, item.number);
}

int32_t serialStage(par_ctx *ctx, void *env, void *token) {
    Work &run = runOf(env);
    EXPECT_EQ(run.in_serial.fetch_add(1), 0);
    int32_t o = run.maybeFail(ctx, 1, itemOf(token).number);
    if (o == PAR_OK) run.first_serial.push_back(itemOf(token).number);
    run.in_serial.fetch_sub(1);
    if (o == PAR_OK && run.skip_every > 0 && itemOf(token).number % run.skip_every == 0) return PAR_DONE;
    return o;
}

int32_t nestedStage(par_ctx *ctx, void *env, void *token) {
    Item &item = itemOf(token);
    std::atomic<int64_t> sum{0};
    int32_t o = parFor(ctx, &kInside, 8, [&](par_ctx *, int64_t i) -> int32_t { return sum += i, PAR_OK; });
    item.square += sum;
    return o ? o : runOf(env).maybeFail(ctx, 2, item.number);
}

int32_t unorderedStage(par_ctx *ctx, void *env, void *token) {
    Work &run = runOf(env);
    EXPECT_EQ(run.in_unordered.fetch_add(1), 0);
    run.unordered_sum += itemOf(token).square;
    run.in_unordered.fetch_sub(1);
    return run.maybeFail(ctx, 3, itemOf(token).number);
}

int32_t lastStage(par_ctx *ctx, void *env, void *token) {
    Work &run = runOf(env);
    if (int32_t o = run.maybeFail(ctx, 4, itemOf(token).number)) return o;
    EXPECT_EQ(itemOf(token).square, itemOf(token).number * itemOf(token).number + 28);
    run.last_serial.push_back(itemOf(token).number);
    return par_rt_print(ctx, nullptr, &itemOf(token).text);
}

struct Dropped {
    std::atomic<int> count{0};
};
Dropped dropped;

void dropItem(void *token) {
    if (itemOf(token).text.u.bytes[15] == 0x80) ++dropped.count;
    par_rt_str_drop(nullptr, nullptr, &itemOf(token).text);
}

int32_t (*const kStages[])(par_ctx *, void *, void *) = {squareStage, serialStage, nestedStage, unorderedStage,
                                                           lastStage};
constexpr uint8_t kKinds[] = {PAR_STAGE_PARALLEL, PAR_STAGE_SERIAL, PAR_STAGE_PARALLEL, PAR_STAGE_UNORDERED,
                              PAR_STAGE_SERIAL};
constexpr par_pipe kFive = {&kPipe, 5, sizeof(Item), kKinds, source, kStages, dropItem};

TEST(Pipelines, items_pass_serial_stages_in_order_and_stay_below_the_limit) {
    for (int64_t limit : {1, 2, 3, 16, 0})
        for (int64_t items : {0, 1, 2, 50, 200}) {
            Work run;
            run.items = items;
            Entered ctx;
            dropped.count = 0;
            ASSERT_EQ(par_rt_pipeline(ctx, &kFive, &run, limit), PAR_OK);
            ASSERT_EQ(run.first_serial.size(), static_cast<size_t>(items));
            ASSERT_EQ(run.last_serial.size(), static_cast<size_t>(items));
            for (int64_t i = 0; i < items; ++i) {
                EXPECT_EQ(run.first_serial[static_cast<size_t>(i)], i);
                EXPECT_EQ(run.last_serial[static_cast<size_t>(i)], i);
            }
            EXPECT_EQ(dropped.count, items);
        }
}

TEST(Pipelines, an_ended_item_passes_what_is_left_without_running) {
    for (int round = 0; round < 10; ++round) {
        Work run;
        run.items = 100;
        run.skip_every = 3;
        Entered ctx;
        ASSERT_EQ(par_rt_pipeline(ctx, &kFive, &run, 6), PAR_OK);
        ASSERT_EQ(run.first_serial.size(), 100u);
        ASSERT_EQ(run.last_serial.size(), 66u);
    }
}

TEST(Pipelines, the_first_failing_item_ends_it_and_all_before_it_complete) {
    for (int stage = -1; stage < 5; ++stage)
        for (int64_t item : {0, 1, 17, 49}) {
            Work run;
            run.items = 60;
            run.fail_stage = stage;
            run.fail_item = item;
            Entered ctx;
            dropped.count = 0;
            ASSERT_EQ(par_rt_pipeline(ctx, &kFive, &run, 5), PAR_THROWN);
            EXPECT_EQ(caught(ctx), "e" + std::to_string(item));
            ASSERT_EQ(run.last_serial.size(), static_cast<size_t>(item)) << stage;
            for (int64_t i = 0; i < item; ++i) EXPECT_EQ(run.last_serial[static_cast<size_t>(i)], i);
            if (stage == 1) EXPECT_EQ(run.first_serial.size(), static_cast<size_t>(item));
        }
}

} // namespace

} // namespace parlane::rt::test
