"""The addresses of what is inside models: below /models/PK/inside/, of single looks, and of courses."""

from django.urls import path

from webapp.inside.views import attribution, courses, downloads, gates, looks, memories, memory, touching, units

app_name = "inside"
urlpatterns = [
    path("models/<int:pk>/inside/", gates.gates, name="gates"),
    path("models/<int:pk>/inside/units/", units.units, name="units"),
    path("models/<int:pk>/inside/touch/", touching.touch, name="touch"),
    path("models/<int:pk>/inside/memory/", memory.memory, name="memory"),
    path("models/<int:pk>/inside/course/", courses.course, name="course"),
    path("models/<int:pk>/inside/course/share/", courses.share, name="share"),
    path("models/<int:pk>/inside/course/unshare/", courses.unshare, name="unshare"),
    path("looks/<int:pk>/", looks.state, name="look"),
    path("looks/<int:pk>/csv/", downloads.result, name="result_csv"),
    path("looks/<int:pk>/next/csv/", downloads.next_symbols, name="next_csv"),
    path("looks/<int:pk>/arrays/<int:number>/", looks.array, name="array"),
    path("looks/<int:pk>/arrays/<int:number>/csv/", downloads.array, name="array_csv"),
    path("looks/<int:pk>/table/", looks.table, name="table"),
    path("looks/<int:pk>/attribution/", attribution.attribution, name="attribution"),
    path("memories/", memories.memories, name="memories"),
    path("course/", courses.index, name="courses"),
    path("course/sample/", courses.sample, name="sample"),
    path("shared/course/<slug:key>/", courses.shared, name="shared"),
    path("shared/course/<slug:key>/look/", courses.shared_look, name="shared_look"),
    path("shared/course/<slug:key>/arrays/<int:number>/", courses.shared_array, name="shared_array"),
]
