"""Who is where and when: rosters, rooms, appointments, the waiting list and the front desk."""
