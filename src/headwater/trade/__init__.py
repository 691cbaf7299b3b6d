"""Trade: from cart to refund.

Owns       cart_lines, orders, order_lines, order_log, payables, attempts, payment_events, refunds,
           refund_lines, incidents
Readable   orders, order_lines, refunds, refund_lines
Announces  OrderPlaced, OrderPaid, OrderClosed, OrderRefunded
Begins at  checkout.place; ends at payments.settle or refunds.settle
"""
