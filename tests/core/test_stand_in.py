"""The stand-in server through the real client: what each mode looks like to those who call a model."""

import json
import socket
import threading
from typing import Literal

import httpx2
import openai
import pydantic
import pytest
from openai.lib._pydantic import to_strict_json_schema

from webapp.core.llm.stand_in import StandIn
from webapp.core.llm.stand_in_answers import Writer
from webapp.core.llm.stand_in_rewrites import rewritten
from webapp.personas.answer import FieldRedraft, PersonaDraft

MESSAGES = [
    {"role": "system", "content": "You draft personas."},
    {
        "role": "user",
        "content": "The head nurse of a rehab clinic. She drowns in paperwork every single day.",
    },
]


class Advice(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    headline: str
    steps: list[str]
    tone: Literal["calm", "brisk"]
    minutes: int
    note: str | None


@pytest.fixture
def stand_in():
    with StandIn(delay=0.01) as server:
        yield server


def client(server, timeout=5.0):
    http = openai.DefaultHttpxClient(verify=False)  # loading certificates takes longer than the calls
    return openai.OpenAI(
        api_key="none", base_url=server.base_url, max_retries=0, timeout=timeout, http_client=http
    )


def ask(server, answer=Advice, model="gpt-4o-mini", timeout=5.0, messages=MESSAGES):
    with client(server, timeout) as opened:
        return opened.chat.completions.parse(model=model, messages=messages, response_format=answer)


def get(server, path):
    with httpx2.Client(verify=False) as http:
        return http.get(server.base_url.removesuffix("/v1") + path)


def post(server, path, body):
    with httpx2.Client(verify=False) as http:
        return http.post(server.base_url.removesuffix("/v1") + path, json=body)


def test_ok_answers_an_object_of_the_schema_in_the_words_of_the_request(stand_in):
    answer = ask(stand_in).choices[0].message.parsed
    assert "nurse" in answer.headline or "paperwork" in answer.headline
    assert answer.steps
    assert answer.note


def test_ok_reports_the_tokens_that_the_ledger_needs(stand_in):
    usage = ask(stand_in).usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.prompt_tokens > 0
    call = stand_in.calls[0]
    assert (call.prompt_tokens, call.completion_tokens) == (usage.prompt_tokens, usage.completion_tokens)


def test_the_same_request_gets_the_same_answer_and_another_seed_another_one():
    bodies = []
    for seed in (0, 0, 5):
        with StandIn(seed=seed) as server:
            bodies.append(ask(server).choices[0].message.content)
    assert bodies[0] == bodies[1] != bodies[2]


@pytest.mark.parametrize("answer", [PersonaDraft, FieldRedraft])
def test_ok_fits_the_schemas_of_the_persona_drafter(stand_in, answer):
    assert ask(stand_in, answer).choices[0].message.parsed is not None


def test_a_list_told_apart_by_names_gets_one_entry_for_each_name_the_request_mentions(stand_in):
    messages = [{"role": "user", "content": "Draft again: coreGoal and painPoints, please."}]
    fields = ask(stand_in, FieldRedraft, messages=messages).choices[0].message.parsed.fields
    assert [one.field for one in fields] == ["coreGoal", "painPoints"]


def test_without_a_schema_it_answers_a_sentence(stand_in):
    with client(stand_in) as opened:
        answer = opened.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    assert answer.choices[0].message.content.endswith(".")


def test_models_are_listed(stand_in):
    with client(stand_in) as opened:
        assert "gpt-4o-mini" in [model.id for model in opened.models.list()]


def test_slow_answers_late_but_whole(stand_in):
    stand_in.mode = "slow"
    assert ask(stand_in).choices[0].message.parsed


def test_slow_beyond_the_time_out_is_a_time_out():
    with StandIn(mode="slow", delay=60) as server, pytest.raises(openai.APITimeoutError):
        ask(server, timeout=0.2)


def test_429_is_a_rate_limit_error_that_says_when_to_come_back(stand_in):
    stand_in.mode = "429"
    with pytest.raises(openai.RateLimitError) as caught:
        ask(stand_in)
    assert caught.value.code == "rate_limit_exceeded"
    assert caught.value.response.headers["Retry-After"] == "1"


def test_quota_is_a_rate_limit_error_with_another_code_and_no_time_to_come_back(stand_in):
    stand_in.mode = "quota"
    with pytest.raises(openai.RateLimitError) as caught:
        ask(stand_in)
    assert caught.value.code == "insufficient_quota"
    assert "Retry-After" not in caught.value.response.headers


def test_500_is_an_internal_server_error(stand_in):
    stand_in.mode = "500"
    with pytest.raises(openai.InternalServerError):
        ask(stand_in)


def test_hang_is_a_time_out_and_stays_unanswered(stand_in):
    stand_in.mode = "hang"
    with pytest.raises(openai.APITimeoutError):
        ask(stand_in, timeout=0.2)
    assert [call.answered for call in stand_in.calls] == [False]


def test_reset_is_a_connection_error_and_no_time_out(stand_in):
    stand_in.mode = "reset"
    with pytest.raises(openai.APIConnectionError) as caught:
        ask(stand_in)
    assert not isinstance(caught.value, openai.APITimeoutError)


@pytest.mark.parametrize("mode", ["malformed", "wrong"])
def test_malformed_and_wrong_answers_are_pydantic_validation_errors(stand_in, mode):
    stand_in.mode = mode
    with pytest.raises(pydantic.ValidationError):
        ask(stand_in)


def test_raw_answers_keep_the_usage_although_validation_fails(stand_in):
    stand_in.mode = "wrong"
    with client(stand_in) as opened:
        raw = opened.chat.completions.with_raw_response.parse(
            model="gpt-4o-mini", messages=MESSAGES, response_format=Advice
        )
    assert json.loads(raw.text if isinstance(raw.text, str) else raw.text())["usage"]["total_tokens"] > 0
    with pytest.raises(pydantic.ValidationError):
        raw.parse()


def test_truncated_is_a_length_error_that_carries_the_completion(stand_in):
    stand_in.mode = "truncated"
    with pytest.raises(openai.LengthFinishReasonError) as caught:
        ask(stand_in)
    assert caught.value.completion.usage.total_tokens > 0


def test_refusal_raises_nothing_and_sets_refusal(stand_in):
    stand_in.mode = "refusal"
    message = ask(stand_in).choices[0].message
    assert message.refusal
    assert message.parsed is None
    assert message.content is None


def test_html_is_no_openai_error_but_an_attribute_or_decode_error(stand_in):
    stand_in.mode = "html"
    with pytest.raises((AttributeError, json.JSONDecodeError)):
        ask(stand_in)


def test_injection_fits_the_schema_and_carries_markup_and_orders(stand_in):
    stand_in.mode = "injection"
    headline = ask(stand_in).choices[0].message.parsed.headline
    for planted in ("<script>", "hx-get=", "javascript:", "Ignore all previous instructions"):
        assert planted in headline


def test_a_script_answers_the_next_calls_and_then_the_mode_counts_again(stand_in):
    stand_in.script(["500", "refusal"])
    with pytest.raises(openai.InternalServerError):
        ask(stand_in)
    ask(stand_in)
    ask(stand_in)
    assert [call.mode for call in stand_in.calls] == ["500", "refusal", "ok"]


def test_the_model_name_chooses_the_mode_of_one_call_and_leaves_the_script_alone(stand_in):
    stand_in.script(["500"])
    with pytest.raises(openai.RateLimitError):
        ask(stand_in, model="gpt-4o-mini#429")
    with pytest.raises(openai.InternalServerError):
        ask(stand_in)
    assert stand_in.calls[0].model == "gpt-4o-mini"


def test_an_unknown_mode_is_refused_at_every_entrance(stand_in):
    with pytest.raises(ValueError, match="nonsense"):
        StandIn(mode="nonsense")
    with pytest.raises(ValueError, match="nonsense"):
        stand_in.mode = "nonsense"
    with pytest.raises(openai.BadRequestError):
        ask(stand_in, model="gpt-4o-mini#nonsense")
    assert post(stand_in, "/control", {"mode": "nonsense"}).status_code == 400
    assert stand_in.mode == "ok"


def test_the_control_calls_set_modes_and_show_what_was_asked(stand_in):
    assert post(stand_in, "/control", {"mode": "refusal", "script": ["ok"]}).status_code == 200
    ask(stand_in)
    ask(stand_in)
    shown = get(stand_in, "/control/calls").json()["calls"]
    assert [call["mode"] for call in shown] == ["ok", "refusal"]
    assert shown[0]["messages"][1]["content"] == MESSAGES[1]["content"]


@pytest.mark.parametrize("body", [{}, {"messages": "none"}, {"messages": [], "stream": True}])
def test_a_request_it_cannot_read_is_a_bad_request(stand_in, body):
    assert post(stand_in, "/v1/chat/completions", body).status_code == 400
    assert stand_in.calls == []


def test_an_unknown_address_is_not_found(stand_in):
    assert get(stand_in, "/v1/nothing").status_code == 404
    assert post(stand_in, "/v1/nothing", {}).status_code == 404


def test_closing_releases_hanging_calls_and_leaves_no_thread():
    before = set(threading.enumerate())
    server = StandIn(mode="hang").start()
    failures = []

    def call():
        try:
            ask(server, timeout=60)
        except openai.APIConnectionError as error:
            failures.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    assert server.wait_for_calls(1)
    server.close()
    caller.join()
    assert len(failures) == 1
    assert set(threading.enumerate()) <= before


def test_closing_does_not_wait_for_a_client_that_never_asks():
    server = StandIn().start()
    host, port = server.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    with socket.create_connection((host, int(port))) as silent:
        silent.sendall(b"POST /v1/chat")
        ask(server)
        server.close()
        assert silent.recv(1) == b""


def test_calls_from_many_threads_are_all_kept(stand_in):
    callers = [threading.Thread(target=ask, args=(stand_in,)) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert [call.answered for call in stand_in.calls] == [True] * 8


@pytest.mark.thorough
def test_schemas_with_bounds_unions_and_recursion_are_kept():
    class Node(pydantic.BaseModel):
        name: str = pydantic.Field(min_length=200, max_length=210)
        score: float = pydantic.Field(ge=0, le=1)
        kind: Literal["leaf", "branch"]
        children: list["Node"]
        parent: "Node | None"
        tags: list[str] = pydantic.Field(min_length=4, max_length=4)

    schema = to_strict_json_schema(Node)
    Node.model_validate(Writer(schema, "one two three four").value(schema))


def test_a_template_in_the_request_is_rewritten_with_the_readers_name() -> None:
    brief = {"template": {"summary": "Count 4 breaths.", "homework": ""}, "learner": {"name": "Ada"}}
    told = rewritten(f"Rewrite this.\n<data>\n{json.dumps(brief)}\n</data>")
    assert told == {"summary": "Ada: Count 4 breaths.", "homework": ""}
    assert rewritten("<data>\nnot json\n</data>") == {}
    assert rewritten('<data>\n{"template": "words"}\n</data>') == {}
