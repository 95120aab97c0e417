# Run in librdkafka's copied source tree: `cmake -P PatchLibrdkafka.cmake`. Each change says why it is there and when
# it can go; a place that is not found any more stops the build.

# change(<file> <old> <new>): each place in the file that reads `old`.
function(change file old new)
  file(READ ${file} text)
  string(FIND "${text}" "${old}" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "${file}: the place to patch is not there; look whether the patch is still needed")
  endif()
  string(REPLACE "${old}" "${new}" text "${text}")
  file(WRITE ${file} "${text}")
endfunction()

# A producer's first batch in a partition: the broker has no sequence numbers of this producer there yet, so it takes whatever
# comes first. When that batch is refused for a moment (the leader of a new or moved partition is not ready) and the one behind
# it, in flight already, is taken, librdkafka concludes from the gap that the first one was stored, and acknowledges
# it with offset -1: a lost message (confluent-kafka-go#921; seen once in some hundred new topics on a busy machine). Now
# the first batch of an epoch goes alone. Goes when rd_kafka_dr_implicit_ack() spares what was refused.
change(src/rdkafka_broker.c
"/**
 * @brief Serve a toppar for producing.
 *"
"/**
 * @brief Nothing in this partition was acknowledged in the epoch, and what goes first is on its way.
 *
 * @locks toppar_lock MUST be held.
 */
static rd_bool_t rd_kafka_toppar_awaits_first_ack(rd_kafka_toppar_t *rktp) {
        return rktp->rktp_eos.acked_msgid < rktp->rktp_eos.epoch_base_msgid &&
               rd_atomic32_get(&rktp->rktp_msgs_inflight) > 0;
}


/**
 * @brief Serve a toppar for producing.
 *")
change(src/rdkafka_broker.c
"                epoch_base_msgid = rktp->rktp_eos.epoch_base_msgid;
                rd_kafka_toppar_unlock(rktp);
"
"                epoch_base_msgid = rktp->rktp_eos.epoch_base_msgid;
                if (rd_kafka_toppar_awaits_first_ack(rktp))
                        max_requests = 0;
                else if (rktp->rktp_eos.acked_msgid < epoch_base_msgid)
                        max_requests = 1;
                rd_kafka_toppar_unlock(rktp);
")

# An idempotent producer has one request in flight a partition (its limit of 5 counts messages). While more messages wait
# for it with their linger time over, the broker thread is told to wake at once, finds that it may not send, and polls
# again without a pause: measured, half of the CPU time of producing. The answer that it waits for wakes it anyway.
# Goes when rd_kafka_toppar_producer_serve() looks at the requests in flight before it sets the wake-up time.
change(src/rdkafka_broker.c
"                    rkb->rkb_state == RD_KAFKA_BROKER_STATE_UP ? next_wakeup
                                                               : NULL,"
"                    rkb->rkb_state == RD_KAFKA_BROKER_STATE_UP &&
                            (!rd_kafka_is_idempotent(rkb->rkb_rk) ||
                             (rd_atomic32_get(&rktp->rktp_msgs_inflight) <
                                  RD_KAFKA_IDEMP_MAX_INFLIGHT &&
                              !rd_kafka_toppar_awaits_first_ack(rktp)))
                        ? next_wakeup
                        : NULL,")

# Each record carries the number of its headers. rd_kafka_message_headers() tells records without headers only by that
# number missing, so it builds a parser for one zero byte: measured, a third of the CPU time of consuming records without
# headers. Goes when the function looks at the number first.
change(src/rdkafka_msg.c
"        if (unlikely(!RD_KAFKAP_BYTES_LEN(&rkm->rkm_u.consumer.binhdrs)))
                return RD_KAFKA_RESP_ERR__NOENT;
"
"        if (unlikely(!RD_KAFKAP_BYTES_LEN(&rkm->rkm_u.consumer.binhdrs)))
                return RD_KAFKA_RESP_ERR__NOENT;
        if (likely(RD_KAFKAP_BYTES_LEN(&rkm->rkm_u.consumer.binhdrs) == 1 &&
                   !*(const char *)rkm->rkm_u.consumer.binhdrs.data))
                return RD_KAFKA_RESP_ERR__NOENT;
")

# A message that the broker refuses for good (too large, invalid) leaves a gap in the sequence numbers of its partition.
# Outside of transactions librdkafka asks for a new epoch; in one it only has it aborted, and the first message of the
# next transaction is refused as out of order. Goes when rd_kafka_handle_Produce_error() bumps the epoch there too.
change(src/rdkafka_request.c
"                         * an abortable transaction error. */
                        rd_kafka_txn_set_abortable_error(
"
"                         * an abortable transaction error. */
                        rd_kafka_txn_set_abortable_error_with_bump(
")

# An operation that reaches a consumer group just after its end was dropped without an answer, and its caller
# (rd_kafka_assign() and the like, without a timeout) waits for ever: seen when a group ends while a rebalance is answered.
# A queue that is disabled answers the same operations by _DESTROY. Goes when rd_kafka_cgrp_op_serve() answers them.
change(src/rdkafka_cgrp.c
"        if (unlikely(rd_atomic32_get(&rkcg->rkcg_terminated) == rd_true)) {
                if (rko)
                        rd_kafka_op_destroy(rko);"
"        if (unlikely(rd_atomic32_get(&rkcg->rkcg_terminated) == rd_true)) {
                if (rko)
                        rd_kafka_op_reply(rko, RD_KAFKA_RESP_ERR__DESTROY);")

# A group that is refused (GROUP_AUTHORIZATION_FAILED) is reported once in the life of its consumer, often before anybody
# has subscribed; whoever does so then waits for ever. Now each subscription is told again. Goes when
# rd_kafka_cgrp_handle_FindCoordinator() repeats its error after a while, as the heartbeat does.
change(src/rdkafka_cgrp.c
"        case RD_KAFKA_OP_SUBSCRIBE:
"
"        case RD_KAFKA_OP_SUBSCRIBE:
                rd_kafka_cgrp_clear_last_err(rkcg);
")

# Whoever waits for a broker (an admin call for its controller, a commit for its coordinator) asks for a connection each
# time its state changes. That reset the reconnect backoff, so a broker that is down was tried again without a pause:
# measured, 60 to 85 % of a core while an admin call waited for the only broker. Now the pause after the first failures is
# still cut short, and one that has grown is kept. Goes when RD_KAFKA_OP_CONNECT leaves rkb_reconnect_backoff_ms alone.
change(src/rdkafka_broker.c
"                /* Expedite next reconnect */
                rkb->rkb_ts_reconnect = 0;
"
"                /* Expedite next reconnect */
                if (rkb->rkb_reconnect_backoff_ms <=
                    2 * rkb->rkb_rk->rk_conf.reconnect_backoff_ms)
                        rkb->rkb_ts_reconnect =
                            RD_MIN(rkb->rkb_ts_reconnect, rd_clock());
")

# A request that the broker does not know frees its reply queue, and so does the caller: rd_kafka_destroy() aborts later.
# DeleteGroups before Kafka 1.1, OffsetDelete before 2.4, both on librdkafka's mock brokers. Goes when neither function
# frees it on failure, as all others do.
foreach(api "DeleteGroups Admin API (KIP-229) not supported \"
                            \"by broker, requires broker version >= 1.1.0"
            "OffsetDelete API (KIP-496) not supported \"
                            \"by broker, requires broker version >= 2.4.0")
  change(src/rdkafka_request.c
"${api}\");
                rd_kafka_replyq_destroy(&replyq);
                return"
"${api}\");
                return")
endforeach()

# An idempotent producer that found no broker up asks again 500 ms later, whatever happens meanwhile: measured, the first
# send of most fresh producers took 500 ms, since the broker of the bootstrap connection is replaced by the one that
# the first metadata names. Now it asks when a broker has come up, and again after 100 ms where none is: asking is what
# connects to one. Goes when rd_kafka_broker_connect_up() wakes rd_kafka_idemp_pid_fsm().
change(src/rdkafka_idempotence.c
"                        rd_kafka_idemp_pid_timer_restart(
                            rk, rd_false,
                            rkb ? \"No broker available\" : \"Coordinator not up\");
"
"                        rd_kafka_timer_start_oneshot(
                            &rk->rk_timers, &rk->rk_eos.pid_tmr, rd_true,
                            100 * 1000, rd_kafka_idemp_pid_timer_cb, rk);
")
change(src/rdkafka_idempotence.c
"
static void rd_kafka_idemp_pid_timer_restart(rd_kafka_t *rk,
                                             rd_bool_t immediate,
                                             const char *reason);
"
"
static void rd_kafka_idemp_pid_timer_cb(rd_kafka_timers_t *rkts, void *arg);
")
change(src/rdkafka_idempotence.c
"
static void rd_kafka_idemp_pid_timer_restart(rd_kafka_t *rk,"
"
void rd_kafka_idemp_pid_timer_restart(rd_kafka_t *rk,")
change(src/rdkafka_idempotence.h
"void rd_kafka_idemp_pid_fsm(rd_kafka_t *rk);"
"void rd_kafka_idemp_pid_fsm(rd_kafka_t *rk);
void rd_kafka_idemp_pid_timer_restart(rd_kafka_t *rk,
                                      rd_bool_t immediate,
                                      const char *reason);")
change(src/rdkafka_broker.c
"        rd_kafka_broker_set_state(rkb, RD_KAFKA_BROKER_STATE_UP);
        rd_kafka_broker_unlock(rkb);
"
"        rd_kafka_broker_set_state(rkb, RD_KAFKA_BROKER_STATE_UP);
        rd_kafka_broker_unlock(rkb);

        if (rd_kafka_is_idempotent(rkb->rkb_rk))
                rd_kafka_idemp_pid_timer_restart(rkb->rkb_rk, rd_true,
                                                 \"broker is up\");
")

# Interceptors of responses get a correlation id that is never set, and see a response twice that goes through a queue: on
# its way in and on its way out. Goes when rd_kafka_buf_callback() gives them rkbuf_corrid, once.
change(src/rdkafka_buf.c
"        rd_kafka_interceptors_on_response_received(
            rk, -1, rkb ? rd_kafka_broker_name(rkb) : \"\",
            rkb ? rd_kafka_broker_id(rkb) : -1, request->rkbuf_reqhdr.ApiKey,
            request->rkbuf_reqhdr.ApiVersion, request->rkbuf_reshdr.CorrId,"
"        if (request->rkbuf_replyq.q || !request->rkbuf_orig_replyq.q)
        rd_kafka_interceptors_on_response_received(
            rk, -1, rkb ? rd_kafka_broker_name(rkb) : \"\",
            rkb ? rd_kafka_broker_id(rkb) : -1, request->rkbuf_reqhdr.ApiKey,
            request->rkbuf_reqhdr.ApiVersion, request->rkbuf_corrid,")

# The timestamp 0 is a time (1970) like any other, and Kafka keeps it; librdkafka takes it for none and puts in the
# current time. Now -1 means none. Goes when rd_kafka_produceva() tells a timestamp that was given from none.
change(src/rdkafka_msg.c
"            .rkm_timestamp = 0, /* current time */"
"            .rkm_timestamp = -1, /* current time */")
change(src/rdkafka_msg.c
"                                key, keylen, msg_opaque, &err, &errnox, NULL, 0,
"
"                                key, keylen, msg_opaque, &err, &errnox, NULL, -1,
")
change(src/rdkafka_msg.c
"        if (timestamp)
                rkm->rkm_timestamp = timestamp;"
"        if (timestamp >= 0)
                rkm->rkm_timestamp = timestamp;")

# The error of a DescribeAcls response (SECURITY_DISABLED where a cluster has no authorizer) was read and dropped: no
# error and no ACLs. Goes when rd_kafka_DescribeAclsResponse_parse() hands it on.
change(src/rdkafka_admin.c
"                     rd_kafka_AclBinding_free);

        for (i = 0; i < (int)res_cnt; i++) {
                int8_t res_type = RD_KAFKA_RESOURCE_UNKNOWN;"
"                     rd_kafka_AclBinding_free);

        if (error_code) {
                rko_result->rko_err                   = error_code;
                rko_result->rko_u.admin_result.errstr = rd_strdup(errstr);
        }

        for (i = 0; i < (int)res_cnt; i++) {
                int8_t res_type = RD_KAFKA_RESOURCE_UNKNOWN;")

# A broker has one Fetch request in hand. The first one after a rebalance goes out as soon as one partition knows its
# offset; when that has no messages, the others wait for fetch.wait.max.ms: half a second to the first message. Now the
# wait is short while partitions are added and grows with each request to fetch.wait.max.ms.
# Goes when rd_kafka_broker_fetch_toppars() waits for all partitions that are about to start.
change(src/rdkafka_broker.h
"        rd_kafka_toppar_t *rkb_active_toppar_next; /* Next 'first' toppar"
"        int rkb_fetch_wait_ms; /* Grows to fetch.wait.max.ms. Broker thread. */
        rd_kafka_toppar_t *rkb_active_toppar_next; /* Next 'first' toppar")
change(src/rdkafka_broker.c
"        if (is_consumer)
                rktp->rktp_fetch = 1;
"
"        if (is_consumer) {
                rktp->rktp_fetch       = 1;
                rkb->rkb_fetch_wait_ms = 10;
        }
")
change(src/rdkafka_fetcher.c
"        /* MaxWaitTime */
        rd_kafka_buf_write_i32(rkbuf, rkb->rkb_rk->rk_conf.fetch_wait_max_ms);
        /* MinBytes */
        rd_kafka_buf_write_i32(rkbuf, rkb->rkb_rk->rk_conf.fetch_min_bytes);

        if (rd_kafka_buf_ApiVersion(rkbuf) >= 3)"
"        /* MaxWaitTime */
        rkb->rkb_fetch_wait_ms = RD_MIN(rkb->rkb_fetch_wait_ms,
                                        rkb->rkb_rk->rk_conf.fetch_wait_max_ms);
        rd_kafka_buf_write_i32(rkbuf, rkb->rkb_fetch_wait_ms);
        rkb->rkb_fetch_wait_ms *= 4;
        /* MinBytes */
        rd_kafka_buf_write_i32(rkbuf, rkb->rkb_rk->rk_conf.fetch_min_bytes);

        if (rd_kafka_buf_ApiVersion(rkbuf) >= 3)")

# An admin client has no group of its own. When it asks for a group's offsets and the coordinator is not there yet
# (NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: the first group of a fresh broker), the answer's handler sends an operation to that
# group, and the process dies. Goes when rd_kafka_handle_OffsetFetch() looks at rk_cgrp.
change(src/rdkafka_request.c
"        if (actions & RD_KAFKA_ERR_ACTION_REFRESH) {
                /* Re-query for coordinator */
                rd_kafka_cgrp_op(rkb->rkb_rk->rk_cgrp, NULL, RD_KAFKA_NO_REPLYQ,
                                 RD_KAFKA_OP_COORD_QUERY, err);"
"        if (actions & RD_KAFKA_ERR_ACTION_REFRESH && rkb->rkb_rk->rk_cgrp) {
                /* Re-query for coordinator */
                rd_kafka_cgrp_op(rkb->rkb_rk->rk_cgrp, NULL, RD_KAFKA_NO_REPLYQ,
                                 RD_KAFKA_OP_COORD_QUERY, err);")

# The assignor 'sticky' of Java's clients: the same plan as 'cooperative-sticky', in one step. Its members have given
# everything back when they join, so what they had is in their user data, which librdkafka writes and nobody read.
# Goes when rd_kafka_sticky_assignor_init() adds it.
change(src/rdkafka_sticky_assignor.c
"/**
 * @brief Initialzie and add sticky assignor.
 */
rd_kafka_resp_err_t rd_kafka_sticky_assignor_init(rd_kafka_t *rk) {
"
"/**
 * @brief Take over from its user data what an eager member had before it joined.
 */
static void rd_kafka_sticky_assignor_read_userdata(rd_kafka_group_member_t *rkgm) {
        const rd_kafka_topic_partition_field_t fields[] = {
            RD_KAFKA_TOPIC_PARTITION_FIELD_PARTITION,
            RD_KAFKA_TOPIC_PARTITION_FIELD_END};
        const int log_decode_errors = 0;
        rd_kafka_topic_partition_list_t *previous;
        rd_kafka_buf_t *rkbuf;
        int32_t generation = -1;

        if (!rkgm->rkgm_userdata || RD_KAFKAP_BYTES_LEN(rkgm->rkgm_userdata) == 0)
                return;
        rkbuf = rd_kafka_buf_new_shadow(
            rkgm->rkgm_userdata->data,
            RD_KAFKAP_BYTES_LEN(rkgm->rkgm_userdata), NULL);
        previous = rd_kafka_buf_read_topic_partitions(
            rkbuf, rd_false /*don't use topic_id*/, rd_true, 0, fields);
        if (previous) {
                if (rkgm->rkgm_owned)
                        rd_kafka_topic_partition_list_destroy(rkgm->rkgm_owned);
                rkgm->rkgm_owned = previous;
                /* Version 0 of the user data has no generation. */
                rd_kafka_buf_read_i32(rkbuf, &generation);
        }
err_parse:
        rkgm->rkgm_generation = generation;
        rd_kafka_buf_destroy(rkbuf);
}

static rd_kafka_resp_err_t rd_kafka_sticky_assignor_eager_assign_cb(
    rd_kafka_t *rk,
    const rd_kafka_assignor_t *rkas,
    const char *member_id,
    const rd_kafka_metadata_t *metadata,
    rd_kafka_group_member_t *members,
    size_t member_cnt,
    rd_kafka_assignor_topic_t **eligible_topics,
    size_t eligible_topic_cnt,
    char *errstr,
    size_t errstr_size,
    void *opaque) {
        size_t i;

        for (i = 0; i < member_cnt; i++)
                rd_kafka_sticky_assignor_read_userdata(&members[i]);
        return rd_kafka_sticky_assignor_assign_cb(
            rk, rkas, member_id, metadata, members, member_cnt, eligible_topics,
            eligible_topic_cnt, errstr, errstr_size, opaque);
}

/**
 * @brief Initialzie and add sticky assignor.
 */
rd_kafka_resp_err_t rd_kafka_sticky_assignor_init(rd_kafka_t *rk) {
        rd_kafka_assignor_add(rk, \"consumer\", \"sticky\",
                              RD_KAFKA_REBALANCE_PROTOCOL_EAGER,
                              rd_kafka_sticky_assignor_eager_assign_cb,
                              rd_kafka_sticky_assignor_get_metadata,
                              rd_kafka_sticky_assignor_on_assignment_cb,
                              rd_kafka_sticky_assignor_state_destroy, NULL,
                              NULL);
")

# A mock broker ends a group's join phase by the clock alone, a second before the session timeout, where a real one ends it when
# all members have joined. So does this one now, 50 ms after the last of them; who does not come is waited for as before.
# Goes when rd_kafka_mock_cgrp_classic_member_add() looks who is missing.
change(src/rdkafka_mock_cgrp.c
"static void rd_kafka_mock_cgrp_classic_member_destroy(
    rd_kafka_mock_cgrp_classic_t *mcgrp,
    rd_kafka_mock_cgrp_classic_member_t *member) {
"
"/**
 * @brief Have the leader elected soon when no member is missing any more.
 */
static void rd_kafka_mock_cgrp_classic_hurry_if_complete(
    rd_kafka_mock_cgrp_classic_t *mcgrp) {
        rd_kafka_mock_cgrp_classic_member_t *member;

        /* The first join phase is for members that nobody knows yet. */
        if (mcgrp->state != RD_KAFKA_MOCK_CGRP_STATE_JOINING ||
            mcgrp->generation_id == 1 || mcgrp->member_cnt == 0)
                return;
        TAILQ_FOREACH(member, &mcgrp->members, link) {
                if (!member->conn || !member->resp)
                        return;
        }
        rd_kafka_mock_cgrp_classic_rebalance_timer_restart(mcgrp, 50);
}

static void rd_kafka_mock_cgrp_classic_member_destroy(
    rd_kafka_mock_cgrp_classic_t *mcgrp,
    rd_kafka_mock_cgrp_classic_member_t *member) {
")
change(src/rdkafka_mock_cgrp.c
"        member->conn = mconn;
        rd_kafka_mock_cgrp_classic_member_active(mcgrp, member);

        return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/**
 * @brief Check if any members have exceeded the session timeout.
 */"
"        member->conn = mconn;
        rd_kafka_mock_cgrp_classic_member_active(mcgrp, member);
        rd_kafka_mock_cgrp_classic_hurry_if_complete(mcgrp);

        return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/**
 * @brief Check if any members have exceeded the session timeout.
 */")
change(src/rdkafka_mock_cgrp.c
"        rd_kafka_mock_cgrp_classic_rebalance(mcgrp, \"explicit member leave\");
"
"        rd_kafka_mock_cgrp_classic_rebalance(mcgrp, \"explicit member leave\");
        rd_kafka_mock_cgrp_classic_hurry_if_complete(mcgrp);
")
change(src/rdkafka_mock_cgrp.c
"        if (timeout_cnt)
                rd_kafka_mock_cgrp_classic_rebalance(mcgrp, \"member timeout\");
"
"        if (timeout_cnt) {
                rd_kafka_mock_cgrp_classic_rebalance(mcgrp, \"member timeout\");
                rd_kafka_mock_cgrp_classic_hurry_if_complete(mcgrp);
        }
")
change(src/rdkafka_mock_cgrp.c
"static void
rd_kafka_mock_cgrp_classic_rebalance(rd_kafka_mock_cgrp_classic_t *mcgrp,
                                     const char *reason);
"
"static void rd_kafka_mock_cgrp_classic_hurry_if_complete(
    rd_kafka_mock_cgrp_classic_t *mcgrp);
static void
rd_kafka_mock_cgrp_classic_rebalance(rd_kafka_mock_cgrp_classic_t *mcgrp,
                                     const char *reason);
")

# A mock broker looks for the offset of each fetch from the beginning of the partition. A consumer that keeps up with a partition of
# 10,000 batches makes it walk over all of them each time: measured, a whole core after some minutes at 100 messages a
# second. Now the search begins at the nearer end. Goes when rd_kafka_mock_msgset_find() has the index of its FIXME.
change(src/rdkafka_mock.c
"        /* FIXME: Maintain an index */

        TAILQ_FOREACH(mset, &mpart->msgsets, link) {"
"        /* FIXME: Maintain an index */

        if (offset - mpart->start_offset > mpart->end_offset - offset) {
                TAILQ_FOREACH_REVERSE(mset, &mpart->msgsets,
                                      rd_kafka_mock_msgset_tailq_s, link) {
                        if (mset->last_offset < offset)
                                return NULL;
                        if (mset->first_offset <= offset)
                                return mset;
                }
                return NULL;
        }

        TAILQ_FOREACH(mset, &mpart->msgsets, link) {")

# A request to a group's coordinator (the offsets of a transaction) that waits for the coordinator is looked at again only when
# some broker's connection comes up or goes down. When the coordinator dies, is taken out of the metadata and its thread ends less
# than a second after it was asked for last, nothing of that comes any more: sendOffsets() hung until a connection changed by
# chance, in four of thirteen kills of a broker (npm run chaos), and its timeout was kept nowhere. Now the requests are looked at
# each second, and end when their time is over. Goes when rd_kafka_coord_req() has a timer of its own.
change(src/rdkafka_coord.h
"void rd_kafka_coord_rkb_monitor_cb(rd_kafka_broker_t *rkb);
"
"void rd_kafka_coord_rkb_monitor_cb(rd_kafka_broker_t *rkb);
void rd_kafka_coord_reqs_serve(rd_kafka_t *rk);
")
change(src/rdkafka_coord.c
"/**
 * @brief Instance is terminating: destroy all coord reqs
 */"
"/**
 * @brief Goes on with requests that wait, and fails those whose time is over: a second
 *        later, so that timers of the requests' owners come first.
 *
 * @locality rdkafka main thread
 * @locks none
 */
void rd_kafka_coord_reqs_serve(rd_kafka_t *rk) {
        rd_kafka_coord_req_t *creq, *tmp;
        rd_ts_t overdue = rd_clock() - 1000 * 1000;

        TAILQ_FOREACH_SAFE(creq, &rk->rk_coord_reqs, creq_link, tmp) {
                if (creq->creq_ts_timeout > 0 && creq->creq_ts_timeout < overdue)
                        rd_kafka_coord_req_fail(rk, creq,
                                                RD_KAFKA_RESP_ERR__TIMED_OUT);
                else
                        rd_kafka_coord_req_fsm(rk, creq);
        }
}


/**
 * @brief Instance is terminating: destroy all coord reqs
 */")
change(src/rdkafka.c
"        rd_kafka_coord_cache_expire(&rk->rk_coord_cache);
}
"
"        rd_kafka_coord_cache_expire(&rk->rk_coord_cache);
        rd_kafka_coord_reqs_serve(rk);
}
")
