"""litellm's Router against a bare client on a loopback server; runs in an environment of its own.

    python router_litellm.py BASE_URL CALLS

Prints one line of JSON: wall and processor seconds of each call, bare and routed, taken in turns.
"""

import json
import sys
import time


def main(base_url: str, calls: int) -> None:
    import litellm
    import openai

    litellm.suppress_debug_info = True
    deployments = [
        {"model_name": "group", "litellm_params": {"model": "openai/m", "api_base": base_url, "api_key": "none"}}
        for _ in range(5)
    ]
    router = litellm.Router(model_list=deployments, num_retries=1, timeout=10)
    bare = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
    messages = [{"role": "user", "content": "Keep the cache warm. It removes stale entries every hour. " * 8}]
    times: dict[str, list[tuple[float, float]]] = {"bare": [], "routed": []}
    for turn in range(calls + 50):
        started, cpu = time.perf_counter(), time.process_time()
        bare.chat.completions.create(model="m", messages=messages, max_tokens=100)
        between, cpu_between = time.perf_counter(), time.process_time()
        router.completion(model="group", messages=messages, max_tokens=100)
        ended, cpu_ended = time.perf_counter(), time.process_time()
        if turn >= 50:
            times["bare"].append((between - started, cpu_between - cpu))
            times["routed"].append((ended - between, cpu_ended - cpu_between))
    import importlib.metadata

    print(json.dumps({"version": importlib.metadata.version("litellm"), **times}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
