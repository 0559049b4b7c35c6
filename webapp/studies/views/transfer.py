"""The views that send a model as a file, and take one."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.corpora.uploads import cut_off, up_to
from webapp.studies import services
from webapp.studies.access import study_or_404
from webapp.studies.forms import UploadForm
from webapp.studies.services import NotAModel


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    study = study_or_404(request, pk, Right.READ)
    if not study.is_readable:
        return redirect(study)  # it has no model yet, and its page says so
    archive = services.pack(study)
    response = FileResponse(
        archive, as_attachment=True, filename=f"{services.file_name(study)}.zip", content_type="application/zip"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@up_to("MODEL_LIMIT_BYTES")
@never_cache  # a page that the browser keeps would send the same submission id again
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, is_cut_off=bool(cut_off(request)))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(services.add_model(person(request), form.path(), **form.choices()))
        except NotAModel as problem:
            form.add_error("archive", str(problem))
        except LimitReached as reached:
            form.add_error(None, str(reached))
    status = 200 if request.method == "GET" else form.status()
    return render(request, "studies/upload.html", {"form": form}, status=status)
