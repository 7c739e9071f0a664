import datetime as dt, pytest
from tests.factories import *
from workorders.services import *
def test_pages(dana, staff, client_of, django_assert_num_queries):
    wo = make_accepted(dana, line_items=("a","b"))
    order_parts(wo, by=staff)
    make_carrier_service()
    ship(wo, pick_up_on=dt.date(2026,11,19), tracking_number="123")
    c = client_of(dana)
    for p in ["","related/","rma-fso/","collaborate/","history/","parts-received/","could-not-complete/","request-assistance/"]:
        with django_assert_num_queries(30, exact=False) as q:
            r=c.get(f"/work-orders/{wo.number}/{p}")
        print(p, r.status_code, len(r.content), len(q.captured_queries))
        assert r.status_code==200
    v=fresh(wo).version
    d=dict(version=v, appointment_at="2026-11-25T09:00", technician_name="Tess", contact_phone="+1 415 555 0111")
    u=f"/work-orders/{wo.number}/appointment/"
    r=c.post(u,d); print(r.status_code, b"confirmed_target" in r.content, r.context["question"])
    r=c.post(u,d|{"answer":"yes","confirmed_target":"2026-11-24"}); print(r.status_code, b'name="reason"' in r.content)
    r=c.post(u,d|{"confirmed_target":"2026-11-24"}); print(r.status_code)
    r=c.post(u,d|{"confirmed_target":"2026-11-24","reason":"bogus"}); print(r.status_code)
    r=c.post(u,d|{"confirmed_target":"2026-11-23","reason":"weather"}); print(r.status_code, r.context["question"].answered)
    r=c.post(u,d|{"confirmed_target":"2026-11-24","reason":"weather"},headers={"HX-Request":"true"}); print(r.status_code, r.headers)
    r=c.post(u,d|{"confirmed_target":"2026-11-24","reason":"weather"}); print(r.status_code)
    r=c.post(u,d|{"appointment_at":"2026-11-26T09:00"}); print(r.status_code)
    print(fresh(wo).appointment, wo.appointments.count())
