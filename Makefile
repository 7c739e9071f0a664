# The portal's commands. `make demo` and `make test` do their own set-up.
SHELL := /bin/bash
PORT ?= 8000
PY := .venv/bin/python
DEMO_ENV = DEBUG=0 BACKUP_WITHIN_HOURS=0 SECRET_KEY="$$(cat var/secret_key)" PORTAL_BASE_URL=http://127.0.0.1:$(PORT) \
	OPERATOR_SUPPORT_PHONE="$${OPERATOR_SUPPORT_PHONE:-+1 408 555 0100}" EMAIL_URL=filemail:///$(CURDIR)/var/mail DATABASE_URL=$${DATABASE_URL:-sqlite:///$(CURDIR)/var/demo.sqlite3} \
	QUEUE_URL=$${QUEUE_URL:-sqlite:///$(CURDIR)/var/queue.sqlite3}

TRUST = tests/trust tests/workorders/history/test_changing_hands.py tests/workorders/test_sent_at_once.py \
	tests/workorders/test_any_form_sent_at_once.py

unexport PYTHONDONTWRITEBYTECODE # asserts of the tests are rewritten once, not by every worker in every run

.PHONY: demo test test-all test-trust coverage bench bench-sla bench-list lint lock sbom help

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: .venv/base.stamp var/secret_key ## Set up and serve the portal with demo data on http://127.0.0.1:8000/
	@$(DEMO_ENV) $(PY) manage.py migrate --verbosity 0
	@$(DEMO_ENV) $(PY) manage.py collectstatic --no-input --verbosity 0 -i '*.rtl*' -i 'bootstrap-*' -i 'bootstrap.css*'
	@$(DEMO_ENV) $(PY) manage.py seed_demo --accounts
	@echo; echo "  The portal: http://127.0.0.1:$(PORT)/   (mails are files in var/mail; stop with Ctrl-C)"; echo
	@trap 'kill 0' EXIT; \
	$(DEMO_ENV) LOG_LEVEL=WARNING $(PY) manage.py run_huey --quiet & \
	$(DEMO_ENV) LOG_LEVEL=WARNING .venv/bin/granian --interface wsgi --host 127.0.0.1 --port $(PORT) --workers 2 \
		--blocking-threads 16 --no-ws --log-level error portal.wsgi:application

test: .venv/dev.stamp /usr/bin/chromium-headless-shell ## Run the test suite (DATABASE_URL= chooses the database)
	@DEBUG=1 DJANGO_ALLOW_ASYNC_UNSAFE=1 $(PY) -m pytest -n 2 --dist worksteal $(ARGS)

test-all: /usr/bin/faketime /usr/sbin/nginx ## Everything on both databases at full size, and the suite on odd days: nightly, before a release
	@failed=0; \
	env -u DATABASE_URL $(MAKE) --no-print-directory test ARGS="--full --timeout=3600" || failed=1; \
	.ci/with_postgresql sh -c 'DATABASE_URL="$${TEST_POSTGRES_URL%/*}/portal_all_$$$$" $(MAKE) --no-print-directory test ARGS="--full --timeout=3600"' || failed=1; \
	tests/odd_days/run.sh || failed=1; \
	exit $$failed

test-trust: .venv/dev.stamp /usr/sbin/nginx ## The promises of docs/security.md on both databases, each with its figure
	@failed=0; command="$(PY) -m pytest -n 2 --dist worksteal --full --timeout=3600 $(TRUST) $(ARGS)"; \
	export DEBUG=1 DJANGO_ALLOW_ASYNC_UNSAFE=1; \
	env -u DATABASE_URL $$command || failed=1; \
	.ci/with_postgresql sh -c "DATABASE_URL=\"\$${TEST_POSTGRES_URL%/*}/portal_trust_$$$$\" $$command" || failed=1; \
	exit $$failed

coverage: .venv/dev.stamp ## What no test reaches, without a browser, on SQLite
	@mkdir -p var/coverage; rm -f var/coverage/*
	@DEBUG=1 $(PY) -m coverage run -m pytest -n 2 --dist worksteal --ignore tests/browser $(ARGS)
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage report

bench: bench-sla bench-list ## All benchmarks; the databases they need are made and taken away again (TEST_POSTGRES_URL= is the server)
	@$(PY) -m tests.bench.bench_recalculation
	@$(PY) -m tests.bench.bench_pictures

bench-sla: .venv/bench.stamp ## How fast business days are counted, beside numpy, holidays, pandas and workalendar
	@$(PY) -m tests.bench.bench_sla

bench-list: .venv/bench.stamp ## What pages cost beside others of the same rows (BENCH_DATABASE_URL= is one that seed_demo has filled)
	@$(PY) -m tests.bench.bench_list

lint: .venv/dev.stamp ## All static checks
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	DEBUG=1 .venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/djlint --lint --quiet templates
	.venv/bin/deptry .
	DEBUG=1 $(PY) manage.py makemigrations --check --dry-run
	DEBUG=0 SECRET_KEY=$$(printf 'x%.0s' {1..60})$$RANDOM$$RANDOM PORTAL_BASE_URL=https://portal.example.com \
		$(PY) manage.py check --deploy --fail-level WARNING

sbom: .venv/dev.stamp ## The bill of materials of what is installed in production (CycloneDX), in var/sbom.json
	@mkdir -p var; .venv/bin/cyclonedx-py requirements requirements/base.txt --pyproject pyproject.toml --output-reproducible --validate -o var/sbom.json

lock: .venv/dev.stamp ## Rewrite the hash-locked requirement files
	.venv/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/base.txt
	.venv/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra dev -c requirements/base.txt -o requirements/dev.txt
	.venv/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra dev --extra bench -c requirements/base.txt -c requirements/dev.txt -o requirements/bench.txt

.venv/base.stamp: requirements/base.txt
	@test -x $(PY) || python3 -m venv .venv
	@echo "Installing packages …"; $(PY) -m pip install -qq --no-compile --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/base.stamp
	@$(PY) -m pip install -qq --no-compile --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

.venv/bench.stamp: requirements/bench.txt .venv/dev.stamp
	@$(PY) -m pip install -qq --no-compile --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

var/secret_key:
	@mkdir -p var; umask 077; $(PY) -c 'import secrets; print(secrets.token_urlsafe(64))' > $@

/usr/bin/faketime:
	@apt-get update -qq && apt-get install -y -qq faketime > /dev/null

/usr/sbin/nginx:
	@apt-get update -qq && apt-get install -y -qq nginx-light > /dev/null

/usr/bin/chromium-headless-shell:
	@echo "The browser tests need chromium; installing it …"; apt-get update -qq && apt-get install -y -qq chromium-headless-shell > /dev/null
