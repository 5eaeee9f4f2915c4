# Two images of one source: `web` serves pages and has no torch, `worker` dissects and has it.
# `web` ships dissect/ too: dissect.format, which reads dissections, needs no torch.
FROM python:3.13-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    MALLOC_ARENA_MAX=2 \
    DATA_DIR=/data \
    STATIC_ROOT=/app/static
RUN useradd --uid 10001 --create-home unitscope \
    && install --directory --owner=unitscope --group=unitscope /data
WORKDIR /app
COPY requirements-web.txt ./

FROM base AS web
# Without what is never used here: the packages' own tests and stubs, all of SciPy but three of its packages, Arrow's
# Flight and S3 client and second names of a library, other services of AWS than storage and sign-in, the pages of
# ninja's own documentation, and texts and dictionaries of languages that the pages do not have. --no-compile: of
# most modules no bytecode is needed; below it is written for those that are loaded.
RUN pip install --no-compile -r requirements-web.txt \
    && cd "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    && find . -type d -name tests -prune -exec rm -r {} + \
    && find . -name '*.pyi' -o -name '*.pyx' -o -name '*.px[id]' | xargs rm \
    && find scipy -mindepth 1 -maxdepth 1 -type d \
        ! -name _lib ! -name ndimage ! -name special -exec rm -r {} + \
    && rm -r pyarrow/include pyarrow/*flight* pyarrow/*s3* \
    && rm -f pyarrow/libarrow_python.so pyarrow/libarrow_python.so.*.* \
    && find botocore/data -mindepth 1 -maxdepth 1 -type d \
        ! -name s3 ! -name sts ! -name 'sso*' ! -name signin -exec rm -r {} + \
    && rm -r ninja/static \
    && find django -type d -path '*/locale/*' -prune ! -name en -exec rm -r {} + \
    && find simplemma -name '*.plzma' ! -name en.plzma -delete
COPY manage.py LICENSE ./
COPY templates templates
COPY annotator annotator
COPY dissect dissect
RUN SECRET_KEY=this-key-is-only-used-to-collect-static-files DATA_DIR=/tmp python manage.py collectstatic --noinput
# The build fails here if something that is loaded was taken away.
RUN PYTHONDONTWRITEBYTECODE= SECRET_KEY=this-key-is-only-used-to-write-bytecode-files DATA_DIR=/tmp/bytecode \
    sh -c 'python manage.py check && python -m compileall -q /app && python -c "import altair, boto3, \
celery.apps.beat, celery.apps.worker, celery.bin.celery, gunicorn.app.wsgiapp, gunicorn.workers.gthread, \
psycopg2, pyarrow.parquet, scipy.ndimage, scipy.special, storages.backends.s3, vl_convert"' \
    && rm -r /tmp/bytecode
USER 10001
EXPOSE 8000
CMD ["gunicorn", "annotator.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4"]

FROM base AS worker
COPY requirements-dissect.txt ./
RUN pip install -r requirements-web.txt -r requirements-dissect.txt
COPY --from=web /app /app
USER 10001
CMD ["celery", "--app", "annotator", "worker", "--queues", "dissect", \
     "--concurrency", "1", "--loglevel", "INFO"]
