"""Under /api/v1/geo/."""

from django.urls import path

from geo import api

urlpatterns = [
    path("regions/", api.RegionList.as_view()),
    path("regions.geojson", api.RegionOutlines.as_view()),
    path("regions/at/", api.RegionAt.as_view()),
    path("regions/<uuid:region_id>/", api.RegionDetail.as_view()),
    path("cities/near/", api.CitiesNear.as_view()),
    path("cities/in/", api.CitiesIn.as_view()),
]
