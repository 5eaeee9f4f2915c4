"""The URLs of the service."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from annotator.api.endpoints import api
from annotator.views import home, media
from annotator.views.annotator import (
    accounts,
    background,
    change,
    debriefing,
    enter,
    hits,
    my_work,
    session,
)
from annotator.views.lab import classes, files, pages
from annotator.views.requester import (
    consent,
    gold_units,
    market_links,
    members,
    overview,
    pay,
    publish,
    recruitment,
    studies,
)
from annotator.views.reviewer import answer, answers, workers

handler400 = "annotator.views.refusals.bad_request"
handler500 = "annotator.views.refusals.server_error"

annotator_urls = [
    path("enter/<str:token>/", enter.enter, name="enter"),
    path("enter/<str:token>/sign-up/", accounts.sign_up, name="sign_up"),
    path("consent/", enter.consent, name="consent"),
    path("closing/", session.closing, name="closing"),
    path("check/", session.check, name="check"),
    path("finished/", session.finished, name="finished"),
    path("stop/", session.stop, name="stop"),
    path("debriefing/", debriefing.debriefing, name="debriefing"),
    path("take-back/<str:token>/", debriefing.take_back, name="take_back"),
    path("work/", my_work.my_work, name="my_work"),
    path("work/delete/", my_work.delete_my_data, name="delete_my_data"),
    path("work/mail/", my_work.mail_settings, name="mail_settings"),
    path("work/<str:key>/reply/", my_work.reply_to_rejection, name="reply_to_rejection"),
    path("work/<int:pk>/", my_work.switch, name="switch_study"),
    path("hits/", hits.hits, name="hits"),
    path("hits/next/", hits.next_hit, name="next_hit"),
    path("hits/<str:key>/", hits.hit, name="hit"),
    path("hits/<str:key>/feedback/", my_work.feedback, name="feedback"),
    path("hits/<str:key>/return/", hits.give_back, name="give_back"),
    path("hits/<str:key>/change/", change.change, name="change_answer"),
    path("hits/<str:key>/draft/", background.draft, name="draft"),
    path("hits/<str:key>/trace/", background.trace, name="trace"),
    path("hits/<str:key>/hide/", background.hide, name="hide"),
    path("hits/<str:key>/ahead/", background.ahead, name="ahead"),
]

requester_urls = [
    path("", overview.study, name="study"),
    path("publish/", publish.publish, name="publish"),
    path("publish/tiles/", publish.tiles, name="publish_tiles"),
    path("run/", publish.run, name="study_run"),
    path("look/", overview.look, name="look"),
    path("preview/", studies.preview, name="preview"),
    path("pictures/", studies.pictures, name="study_pictures"),
    path("pay/", pay.pay, name="pay"),
    path("pay/approval/", pay.approval, name="approval"),
    path("pay/<int:pk>/", pay.batch, name="pay_batch"),
    path("pay/<int:pk>.csv", pay.batch_csv, name="pay_csv"),
    path("recruit/", recruitment.recruit, name="recruit"),
    path("recruit/mail/", recruitment.invite_by_mail, name="invite_by_mail"),
    path("recruit/markets/", market_links.add_market_link, name="add_market_link"),
    path("recruit/markets/<int:pk>/", market_links.market_link, name="market_link"),
    path("recruit/markets/<int:pk>/compare/", market_links.compare, name="compare_market"),
    path("recruit/<int:pk>/qr.svg", recruitment.qr_code, name="qr_code"),
    path("invite/", recruitment.invite, name="invite"),
    path("invitations/<int:pk>/", recruitment.revoke, name="revoke"),
    path("people/", members.members, name="people"),
    path("people/<int:pk>/", members.remove_member, name="take_role"),
    path("consent/", consent.consent, name="terms"),
    path("known/", gold_units.gold_units, name="known"),
    path("known/<int:pk>/", gold_units.remove, name="forget_known"),
]

reviewer_urls = [
    path("review/", answers.answers, name="review"),
    path("review/hits/<str:key>/", answer.change_hit, name="review_hit"),
    path("review/<str:key>/", answer.answer, name="review_answer"),
    path("review/<str:key>/open/", answer.open_answer, name="open_answer"),
    path("bonus/", workers.bonus, name="bonus"),
    path("workers/", workers.workers, name="workers"),
    path("workers/<path:key>/", workers.worker, name="worker"),
]

lab_urls = [
    path("", pages.lab, name="lab"),
    path("<int:pk>/classes/", classes.classes, name="classes"),
    path("<int:pk>/run/", pages.run_defaults, name="run_defaults"),
    path("<int:pk>/<slug:kind>/", pages.new_analysis, name="question"),
    path("answers/<int:pk>/", pages.analysis, name="analysis"),
    path("answers/<int:pk>/cancel/", pages.cancel_analysis, name="cancel_analysis"),
    path("answers/<int:pk>.json", files.analysis_json, name="analysis_json"),
    path("answers/<int:pk>/grid-<int:number>.csv", files.analysis_grid, name="analysis_grid"),
    path("answers/<int:pk>/pictures/<path:file>", files.analysis_picture, name="analysis_picture"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("", include(annotator_urls)),
    path("studies/", studies.studies, name="studies"),
    path("studies/<str:name>/", include(requester_urls)),
    path("studies/<str:name>/", include(reviewer_urls)),
    path("studies/<str:name>/lab/", include(lab_urls)),
    path("review/", answers.studies_to_review, name="studies_to_review"),
    path("results/", include("annotator.views.reader.urls")),
    path("sign-in/", accounts.SignIn.as_view(), name="sign_in"),
    path("password/", login_required(accounts.ChangePassword.as_view()), name="change_password"),
    path("password/<uidb64>/<token>/", accounts.ChoosePassword.as_view(), name="choose_password"),
    path("sign-out/", LogoutView.as_view(next_page="home"), name="sign_out"),
    path("api/", api.urls),
    path("pictures/<str:name>", media.picture, name="picture"),
    path("sheets/<str:name>.css", media.sheet_style, name="sheet_style"),
    path("sheets/<str:name>", media.sheet, name="sheet"),
]
